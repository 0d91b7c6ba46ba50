package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
)

// meter counts what the site does, in the terms of Prometheus. Labels are routes, methods, statuses and
// kinds: there are few of each, and none holds what anybody typed.
type meter struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// upTo are the bounds in which answers are counted by how long they took, in seconds.
var upTo = []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 5, 10, 30}

// newMeter makes the meter of a site, with registry its own: what is counted belongs to this site alone.
func newMeter(a *app) *meter {
	m := &meter{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "maitred_requests_total", Help: "Requests that were answered, by their route, method and class of status."}, []string{"route", "method", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "maitred_request_seconds", Help: "How long requests took, waiting for a place included.", Buckets: upTo}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("maitred_requests_in_flight", "Requests that are worked on. Files are not counted.", func() float64 {
		inside, _ := a.queue.lengths()
		return float64(inside)
	})
	m.gauge("maitred_requests_waiting", "Requests that wait for a place among those.", func() float64 {
		_, waiting := a.queue.lengths()
		return float64(waiting)
	})
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "maitred_requests_refused_total", Help: "Requests for which there was no place."},
		func() float64 { return float64(a.queue.refused.Load()) }))
	if a.Demo != nil {
		m.gauge("maitred_visitors", "Visitors of the demo who came back or have a copy.", func() float64 {
			visitors, _ := a.Demo.Sandboxes.Counts()
			return float64(visitors)
		})
		m.gauge("maitred_sandboxes", "Copies that visitors of the demo have.", func() float64 {
			_, copies := a.Demo.Sandboxes.Counts()
			return float64(copies)
		})
	}
	return m
}

func (m *meter) gauge(name, help string, now func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, now))
}

// saw counts a request that was answered.
func (m *meter) saw(c echo.Context, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "none" // nothing is at the address, or it was refused before anyone looked
	}
	m.requests.WithLabelValues(route, methodOf(c.Request()), classOf(statusSent(c))).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// classOf is a class of statuses, as "2xx"; that of a request to whose answer nobody waited is "none".
func classOf(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status/100) + "xx"
}

// metrics tells what was counted, to who asks on this machine.
func (a *app) metrics(c echo.Context) error {
	if !fromOperator(c) {
		return problem.New(problem.Forbidden, "This is for whoever runs the site, and is told on its own machine only.")
	}
	now := prometheus.NewRegistry()
	now.MustRegister(&state{c.Request().Context(), a, storeOf(c)})
	promhttp.HandlerFor(prometheus.Gatherers{a.meter.registry, now}, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(c.Response(), c.Request())
	return nil
}

// state is how a store is at one moment.
type state struct {
	ctx context.Context
	app *app
	*models.Store
}

// Describe says nothing: a kind of record that is added is counted without a word here.
func (s *state) Describe(chan<- *prometheus.Desc) {}

// Collect tells all that can be found out. What fails is left out, and told in the log.
func (s *state) Collect(to chan<- prometheus.Metric) {
	gauge := func(name, help string, v float64) { send(to, prometheus.GaugeValue, name, help, v, nil) }
	counter := func(name, help string, v float64) { send(to, prometheus.CounterValue, name, help, v, nil) }
	waits := s.Waits()
	gauge("maitred_write_waiting", "Requests that wait for their turn to write.", float64(waits.Waiting))
	counter("maitred_write_waits_total", "How often a request had to wait for its turn to write.", float64(waits.Writes))
	counter("maitred_write_wait_seconds_total", "How long requests waited for their turn to write.", waits.WroteFor.Seconds())
	counter("maitred_read_waits_total", "How often a request had to wait for a connection to read with.", float64(waits.Reads))
	counter("maitred_read_wait_seconds_total", "How long requests waited for a connection to read with.", waits.ReadFor.Seconds())
	gauge("maitred_long_changes", "Changes that go on though their requests were answered.", float64(s.LongChanges()))
	database, log := s.Sizes()
	gauge("maitred_database_bytes", "The size of the database's file.", float64(database))
	gauge("maitred_wal_bytes", "The size of the log beside it.", float64(log))
	if free, known := s.Free(); known {
		gauge("maitred_disk_free_bytes", "What is free on the disk of the database.", float64(free))
	}
	if last := s.app.LastBackup; last != nil {
		if at := last(); !at.IsZero() {
			gauge("maitred_backup_age_seconds", "How long ago the last backup was made that is whole.", s.Now().Sub(at).Seconds())
		}
	}
	if answered, behind, failed, is := s.Replica(); is {
		const name, help = "maitred_replica_reads_total", "How often a page was to be read from the replica, by what came of it; only what it answered was."
		for result, n := range map[string]int64{"answered": answered, "behind": behind, "failed": failed} {
			send(to, prometheus.CounterValue, name, help, float64(n), prometheus.Labels{"result": result})
		}
	}
	if s.app.Accounts != nil {
		if n, err := s.app.Accounts.SignedIn(s.ctx); s.told(err) {
			gauge("maitred_sessions", "Browsers in which somebody is signed in.", float64(n))
		}
	}
	if newest, err := change.Newest(s.ctx, s.Store); s.told(err) {
		counter("maitred_changes_total", "The number of the newest change.", float64(newest))
	}
	if numbers, err := s.rows(); s.told(err) {
		for i, k := range s.app.menu() {
			send(to, prometheus.GaugeValue, "maitred_rows", "Records, by their kind.", float64(numbers[i]), prometheus.Labels{"kind": k.Table})
		}
	}
}

// rows counts the records of each kind. Of a kind that did not change since it was counted last it reads
// nothing.
func (s *state) rows() ([]int64, error) {
	var all []kind.Query
	for _, k := range s.app.menu() {
		q, err := kind.ParseQuery(k, url.Values{})
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return kind.Tally(s.ctx, s.Store, all...)
}

func (s *state) told(err error) bool {
	if err != nil {
		s.app.Log.Error("what is counted could not be read", slog.Any("error", err))
	}
	return err == nil
}

func send(to chan<- prometheus.Metric, is prometheus.ValueType, name, help string, v float64, labels prometheus.Labels) {
	to <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), is, v)
}

// forwarding are headers by which a program tells that somebody else asks through it.
var forwarding = []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// operatorKey is under what a request carries that it came by an address for operators.
type operatorKey struct{}

// fromOperator says that who asks may be told how the site is: they are on this machine, ask it by a name
// of its own, and not through a proxy on it; or they came by an address for operators.
func fromOperator(c echo.Context) bool {
	r := c.Request()
	if r.Context().Value(operatorKey{}) != nil {
		return true
	}
	for _, name := range forwarding {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return c.Get(peerKey).(peer).here && isHere(r.Host)
}

// ForOperators is the part of a site that is for those who run it, for an address that nobody else can
// reach: whoever comes is told.
func ForOperators(site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !forOperators(r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), operatorKey{}, true))
		r.Host = thisMachine[0]
		site.ServeHTTP(w, r)
	})
}
