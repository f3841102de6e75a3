# syntax=docker/dockerfile:1
# The program alone in a small image, as a user without rights.
#
#   docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT=$(git rev-parse HEAD) -t nightaudit .
#
# Its root can be read-only: what a run writes are the folders of the
# configuration (data, published, reports below /srv/nightaudit) and /tmp, where
# DuckDB spills. The volume is owned by the image's user, 10001:
#
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v nightaudit:/srv/nightaudit -v "$PWD/nightaudit.yaml:/etc/nightaudit/nightaudit.yaml:ro" \
#     -e NIGHTAUDIT_PII_KEY -e TUYA_SECRET nightaudit run
#
# Paths in the configuration are relative to its own folder, so that one that is
# mounted at /etc/nightaudit names them whole: data_dir: /srv/nightaudit/data,
# publish.dir: /srv/nightaudit/published, report.dir: /srv/nightaudit/reports.
# A night and the listener for Docker Compose: docs/install/compose.yaml.
# The demo needs no configuration: docker run --rm --read-only --tmpfs /tmp \
#   -v nightaudit:/srv/nightaudit nightaudit demo

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the code.
COPY go.mod go.sum ./
COPY reports/iceberg/substrait reports/iceberg/substrait
RUN go mod download
COPY . .
ARG VERSION=""
ARG COMMIT=""
# DuckDB is linked in statically; of C the binary needs glibc and libstdc++.
RUN CGO_ENABLED=1 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.release=${VERSION} -X main.commit=${COMMIT}" \
      -o /out/nightaudit ./cmd/nightaudit \
 && /out/nightaudit version

# The same Debian: its glibc and libstdc++ are what the binary was linked with.
FROM debian:12.12-slim
ARG VERSION=""
ARG COMMIT=""
LABEL org.opencontainers.image.title="nightaudit" \
      org.opencontainers.image.description="One database and one workbook a night, in which every figure can be traced" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/nightaudit /usr/local/bin/nightaudit
COPY --from=build /src/LICENSE /src/docs/third-party.txt /usr/share/doc/nightaudit/
# A name for the user: close and annotate keep who has done it.
RUN groupadd --gid 10001 nightaudit \
 && useradd --uid 10001 --gid nightaudit --no-create-home --home-dir /srv/nightaudit --shell /usr/sbin/nologin nightaudit \
 && install -d -m 0750 -o nightaudit -g nightaudit /srv/nightaudit
# By number: an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /srv/nightaudit
VOLUME ["/srv/nightaudit"]
ENV HOME=/srv/nightaudit \
    NIGHTAUDIT_CONFIG=/etc/nightaudit/nightaudit.yaml
ENTRYPOINT ["/usr/local/bin/nightaudit"]
CMD ["help"]
