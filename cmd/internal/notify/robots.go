package notify

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load/disk"
)

// robot is how a service takes messages over HTTP: a body with a text in it, its
// limits, its signature, and by what it says that it took the message.
type robot struct {
	body  string // a template over Message, with timestamp and sign
	size  func(text string, body []byte) int
	limit int           // of size; 0 for none
	every time.Duration // between two messages
	// sign gives what goes into the body and into the address's query.
	sign func(secret string, at time.Time) (values map[string]string, query url.Values)
	// codes are the numbers of an answer that say success where all that are there
	// are 0; none: the HTTP status says it.
	codes   []string
	passing []int64          // codes of what passes
	hints   map[int64]string // what to do about a code
}

const textBody = `{"msgtype":"text","text":{"content":{{json .text}}}}`

// robots are the services, by kind.
var robots = map[string]robot{
	// 企业微信开发者中心, 群机器人配置说明 (developer.work.weixin.qq.com/document/path/91770):
	// text.content 最长不超过2048个字节; 每个机器人发送的消息不能超过20条/分钟; errcode 0 on success.
	// 全局错误码 (path/90313): -1 系统繁忙, 45009 接口调用超过限制, 93000 机器人webhookurl不合法或者机器人已经被移除出群.
	"wecom": {
		body: textBody, size: bytesOfText, limit: 2048, every: time.Minute / 20, codes: []string{"errcode"}, passing: []int64{-1},
		hints: map[int64]string{45009: "the robot is asked more than 20 times a minute: have nobody else use it", 93000: "the robot is gone or its url is wrong: copy the url anew from the group's settings"},
	},
	// 钉钉开放平台, 自定义机器人接入 (open.dingtalk.com/document/robots/custom-robot-access): 每个机器人每分钟最多发送20条,
	// 如果超过20条, 会限流10分钟; the signature is of the section 加签, the timestamp in milliseconds; errcode 0 on
	// success, 310000 where the security settings refuse, 130101 where too much was sent. It states no length of a
	// text; 15,000 bytes is what it states for the messages of other robots (the robot sends group messages, msgParam).
	"dingtalk": {
		body: textBody, size: bytesOfBody, limit: 15_000, every: time.Minute / 20, sign: signDingTalk, codes: []string{"errcode"}, passing: []int64{-1},
		hints: map[int64]string{310000: "the robot's security settings refuse it: compare secret, give the keyword nightaudit, or allow this machine's address", 130101: "the robot is asked more than 20 times a minute and takes nothing for 10 minutes: have nobody else use it", 300001: "the robot is gone or its url is wrong: copy the url anew from the group's settings"},
	},
	// 飞书开放平台, 自定义机器人使用指南 (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): 100 次/分钟, 5 次/秒;
	// 请求体的数据大小不能超过 20 KB; the signature is of the section 签名校验, the timestamp in seconds; code (StatusCode in
	// older answers) 0 on success, 19021 where the signature, 19022 where the address, 19024 where the keyword is
	// refused, 11232 where the system is under load.
	"feishu": {
		body: `{ {{- if .sign}}"timestamp":{{json .timestamp}},"sign":{{json .sign}},{{end -}} "msg_type":"text","content":{"text":{{json .text}}}}`,
		size: bytesOfBody, limit: 20_000, every: time.Minute / 100, sign: signFeishu, codes: []string{"code", "StatusCode"}, passing: []int64{11232},
		hints: map[int64]string{19021: "compare secret, and this machine's clock", 19022: "allow this machine's address in the robot's settings", 19024: "give the robot the keyword nightaudit", 19001: "the robot is gone or its url is wrong: copy the url anew from the group's settings"},
	},
	// Slack, Sending messages using incoming webhooks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks);
	// Rate limits: one message a second; chat.postMessage, Truncating content: 4,000 characters at most, longer than
	// 40,000 is truncated; Formatting message text, Escaping text: & < > as entities. HTTP 200 on success, else 4xx.
	"slack": {body: `{"text":{{json (slack .text)}}}`, size: charactersForSlack, limit: 4000, every: time.Second},
	// The operator's own service: any answer of 2xx is success.
	"webhook": {body: `{{json .}}`},
}

func bytesOfText(text string, _ []byte) int { return len(text) }
func bytesOfBody(_ string, body []byte) int { return len(body) }

// charactersForSlack counts them as they are sent: & as &amp; has five.
func charactersForSlack(text string, _ []byte) int { return utf8.RuneCountInString(escapeSlack(text)) }

var escapeSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// signDingTalk: HMAC-SHA256 with the secret of the timestamp, a line break and the
// secret, in the address.
func signDingTalk(secret string, at time.Time) (map[string]string, url.Values) {
	timestamp := strconv.FormatInt(at.UnixMilli(), 10)
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(timestamp + "\n" + secret))
	return nil, url.Values{"timestamp": {timestamp}, "sign": {base64.StdEncoding.EncodeToString(sum.Sum(nil))}}
}

// signFeishu: HMAC-SHA256 with the timestamp, a line break and the secret, of
// nothing, in the body.
func signFeishu(secret string, at time.Time) (map[string]string, url.Values) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	sum := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return map[string]string{"timestamp": timestamp, "sign": base64.StdEncoding.EncodeToString(sum.Sum(nil))}, nil
}

var functions = template.FuncMap{
	// json is a value as JSON.
	"json": func(v any) (string, error) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		return strings.TrimSuffix(b.String(), "\n"), err
	},
	"slack": escapeSlack,
}

const maxTemplate = 64 << 10 // bytes

// openRobot makes the sender of a service. A template of the operator's own is tried
// with samples.
func openRobot(s *Settings, dir string) (sender, error) {
	address, err := parseAddress(s.URL)
	if err != nil {
		return nil, err
	}
	p := &poster{robot: robots[s.Kind], url: address, secret: s.Secret, headers: s.Headers}
	body := p.robot.body
	if s.Template != "" {
		data, err := disk.Read(path(dir, s.Template), maxTemplate)
		if err == nil {
			body, err = disk.Text(data)
		}
		if err != nil {
			if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
				err = wrapped.Err // the key says which file
			}
			return nil, extract.BadKey("template", fmt.Sprintf("cannot be read: %v", err))
		}
	}
	p.template, err = template.New("template").Option("missingkey=error").Funcs(functions).Parse(body)
	for _, m := range samples() {
		if err == nil {
			_, _, err = p.fill(m, time.Unix(0, 0))
		}
	}
	if err != nil {
		return nil, extract.BadKey("template", fmt.Sprintf("is not one that messages fit into: %v; docs/contract.md has its fields", err))
	}
	return p, nil
}

// fill makes the body of a message, with as much of the text as the service takes,
// and what its address has besides.
func (p *poster) fill(m *Message, at time.Time) (body []byte, query url.Values, err error) {
	values, err := m.values()
	if err != nil {
		return nil, nil, err
	}
	values["timestamp"], values["sign"] = "", ""
	if p.secret != "" && p.robot.sign != nil {
		signed, inAddress := p.robot.sign(p.secret, at)
		for name, value := range signed {
			values[name] = value
		}
		query = inAddress
	}
	if p.robot.limit == 0 {
		delete(values, "timestamp") // of services that have a signature
		delete(values, "sign")
	}
	m.within(func(text string) bool {
		var b bytes.Buffer
		values["text"] = text
		err = p.template.Execute(&b, values)
		body = b.Bytes()
		return err != nil || p.robot.limit == 0 || p.robot.size(text, body) <= p.robot.limit
	})
	return body, query, err
}
