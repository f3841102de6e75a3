package notify

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// short are limits for tests in which something hangs.
var short = Limits{Attempt: 300 * time.Millisecond, Slow: 300 * time.Millisecond, Total: 5 * time.Second, Attempts: 1}

// A channel that takes the connection and says nothing keeps nobody waiting beyond
// the limits, and nothing from the other channels.
func TestStuckChannels(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	port := silent.Addr().(*net.TCPAddr).Port
	var channels []*Channel
	for _, kind := range []string{"wecom", "dingtalk", "feishu", "slack", "webhook"} {
		channels = append(channels, open(t, Settings{Kind: kind, URL: "http://" + silent.Addr().String() + "/k-e-y"}))
	}
	mail := Settings{Kind: "mail", Host: "127.0.0.1", Port: port, From: "a@x.example", To: []string{"b@x.example"}}
	encrypted := mail
	encrypted.Name, encrypted.TLS = "encrypted mail", "implicit"
	url, got := service(t, answers(""))
	channels = append(channels, open(t, mail), open(t, encrypted), open(t, Settings{Kind: "webhook", Name: "well", URL: url}))
	log := &strings.Builder{}
	teller := tellerOf(t, Options{Limits: short, Log: textLog(log)}, channels...)
	teller.Tell(t.Context(), failing("why"))
	if len(*got) != 1 {
		t.Errorf("the channel that works was told %d times", len(*got))
	}
	if n := strings.Count(log.String(), "no answer within 300ms"); n != 7 {
		t.Errorf("%d channels did not answer in time, want 7:\n%s", n, log)
	}
	if strings.Contains(log.String(), "k-e-y") {
		t.Errorf("the log has the address:\n%s", log)
	}
	// What they did not take is kept for each, and the one that did has nothing to hear again.
	s, err := readState(teller.file())
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range s.Channels {
		if want := map[bool]int{true: 0, false: 1}[name == "well"]; len(m.Untold) != want {
			t.Errorf("%d pieces of news wait for %s", len(m.Untold), name)
		}
	}
}

// A channel of which nobody hears anything for very long is told the last of it, and
// how much more there was.
func TestUntoldIsBounded(t *testing.T) {
	const nights = 300
	var m memory
	for i := range nights {
		m = m.refused(&memory{}, []Item{{Change: Once, Night: at.AddDate(0, 0, i), Text: "something"}})
	}
	url, got := service(t, answers(""))
	dir := t.TempDir()
	teller := tellerOf(t, Options{Dir: dir}, open(t, Settings{Kind: "webhook", URL: url}))
	if err := (&state{Version: stateVersion, Channels: map[string]memory{"webhook": m}}).write(teller.file()); err != nil {
		t.Fatal(err)
	}
	teller.Tell(t.Context(), Night{At: at.AddDate(0, 0, nights), Outcome: "complete"})
	var told Message
	if err := json.Unmarshal((*got)[0].body, &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Untold) != mostUntold || !told.Untold[0].Night.Equal(at.AddDate(0, 0, 100)) || !strings.HasSuffix(told.Text, "\nOf nights before 100 more could not be told") {
		t.Errorf("%d pieces of news were kept, the first of %v, and the text is %s", len(told.Untold), told.Untold[0].Night, told.Text)
	}
}

// A command reads the message as JSON, in the folder of the configuration, and one
// that fails or does not end is a channel that did not take its news.
func TestCommand(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh:", err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"takes":  "#!/bin/sh\necho \"$1\" > argument && cat > message.json && echo spoken\n",
		"fails":  "#!/bin/sh\necho s-e-c-r-e-t >&2\nexit 7\n",
		"hangs":  "#!/bin/sh\nsleep 30\n",
		"absent": "",
	} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var channels []*Channel
	for _, name := range []string{"takes", "fails", "hangs", "absent"} {
		channel, err := Settings{Kind: "command", Name: name, Command: []string{"./" + name, "an argument"}}.Open([]string{"command"}, dir)
		if err != nil {
			t.Fatal(err)
		}
		channels = append(channels, channel)
	}
	limits := Limits{Slow: 2 * time.Second, Total: 20 * time.Second}
	var got []string
	for _, o := range tellerOf(t, Options{Limits: limits}, channels...).Test(t.Context()) {
		why := "taken"
		if o.Err != nil {
			why = strings.ReplaceAll(o.Err.Error(), dir, "DIR")
		}
		got = append(got, o.Name+": "+why)
	}
	want := "takes: taken\nfails: the command ended with exit status 7; run it by hand to see why\nhangs: no answer within 2s\n" +
		"absent: the command could not be run: fork/exec DIR/absent: no such file or directory; see that it exists and may be executed"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	data, err := os.ReadFile(filepath.Join(dir, "message.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := json.Unmarshal(data, &m); err != nil || m.Version != 1 || m.Channel != "takes" || len(m.News) != 1 || m.News[0].Change != Once {
		t.Errorf("the command read %s (%v)", data, err)
	}
	if argument, err := os.ReadFile(filepath.Join(dir, "argument")); err != nil || string(argument) != "an argument\n" {
		t.Errorf("its argument was %q (%v)", argument, err)
	}
}
