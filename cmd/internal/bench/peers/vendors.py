"""How the two vendors want to be asked: HTTP Basic for SOMS, a log-in and a
signature on each call for Tuya. Both peers use it."""

import hashlib
import hmac
import time
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.auth import AuthBase

TENANT = "8560"
PROJECT = "1160823965053000001"
BASIC = ("bench", "bench")
CLIENT_ID, SECRET = "bench", "bench"


class TuyaAuth(AuthBase):
    """Logs in once and signs each call with HMAC-SHA256."""

    def __init__(self, address):
        self.address = address
        self.token = ""

    def sign(self, request, token):
        url = urlsplit(request.url)
        query = "&".join(f"{k}={v}" for k, v in sorted(parse_qsl(url.query)))
        path = url.path + ("?" + query if query else "")
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        now = str(int(time.time() * 1000))
        text = "\n".join([request.method, hashlib.sha256(body).hexdigest(), "", path])
        signature = hmac.new(SECRET.encode(), (CLIENT_ID + token + now + text).encode(), hashlib.sha256)
        request.headers.update(
            client_id=CLIENT_ID, sign_method="HMAC-SHA256", t=now, sign=signature.hexdigest().upper()
        )
        if token:
            request.headers["access_token"] = token
        return request

    def __call__(self, request):
        if not self.token:
            login = requests.get(
                f"{self.address}/v1.0/token", params={"grant_type": 1}, auth=lambda r: self.sign(r, ""), timeout=60
            )
            self.token = login.json()["result"]["access_token"]
        return self.sign(request, self.token)
