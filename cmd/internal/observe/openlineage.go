package observe

import (
	"time"

	"github.com/google/uuid"
)

// What OpenLineage 2-0-2 says of an event of a run (https://openlineage.io/spec/2-0-2),
// as far as it is used here; there is no Go client to be had as a module.

const runEventSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"

// The types of events.
const (
	began     = "START"
	completed = "COMPLETE"
	failed    = "FAIL"
	aborted   = "ABORT"
)

type event struct {
	EventType string    `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Run       runOf     `json:"run"`
	Job       jobOf     `json:"job"`
	Inputs    []dataset `json:"inputs"`
	Outputs   []dataset `json:"outputs"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

type runOf struct {
	RunID  uuid.UUID `json:"runId"`
	Facets facets    `json:"facets,omitempty"`
}

type jobOf struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Facets    facets `json:"facets,omitempty"`
}

type dataset struct {
	Namespace    string `json:"namespace"`
	Name         string `json:"name"`
	Facets       facets `json:"facets,omitempty"`
	InputFacets  facets `json:"inputFacets,omitempty"`
	OutputFacets facets `json:"outputFacets,omitempty"`
}

// facets say more of what they are in, by their names.
type facets map[string]facet

type facet map[string]any

// facet is one of a kind and version of the specification.
func (l *Lineage) facet(kind, version string, members facet) facet {
	members["_producer"] = l.producer
	members["_schemaURL"] = "https://openlineage.io/spec/facets/" + version + "/" + kind + ".json#/$defs/" + kind
	return members
}

// read and written are how much of a dataset was: rowCount, fileCount, size in bytes.
func (l *Lineage) read(counts facet) facets {
	return facets{"inputStatistics": l.facet("InputStatisticsInputDatasetFacet", "1-0-0", counts)}
}

func (l *Lineage) written(counts facet) facets {
	return facets{"outputStatistics": l.facet("OutputStatisticsOutputDatasetFacet", "1-0-2", counts)}
}

// event is one of a job of the run that is under way.
func (l *Lineage) event(kind, job string) *event {
	e := &event{
		EventType: kind, EventTime: time.Now().UTC(),
		Run: runOf{l.idOf(job), facets{
			"nominalTime": l.facet("NominalTimeRunFacet", "1-0-1", facet{"nominalStartTime": l.run.At}),
		}},
		Job: jobOf{l.cfg.Lineage.Namespace, job, facets{
			"jobType": l.facet("JobTypeJobFacet", "2-0-4", facet{"processingType": "BATCH", "integration": "NIGHTAUDIT", "jobType": "JOB"}),
		}},
		Inputs: []dataset{}, Outputs: []dataset{}, Producer: l.producer, SchemaURL: runEventSchema,
	}
	if job != jobRun {
		e.Run.Facets["parent"] = l.facet("ParentRunFacet", "1-2-0", facet{
			"run": facet{"runId": l.idOf(jobRun)}, "job": facet{"namespace": l.cfg.Lineage.Namespace, "name": jobRun},
		})
	}
	return e
}

// idOf is the id of a job's run: the same for the same run, also where that is taken
// up after a crash.
func (l *Lineage) idOf(job string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/nightaudit/nightaudit/runs/"+l.run.ID+"/"+job))
}

// fails makes it the event of a job that failed.
func (l *Lineage) fails(e *event, why string) {
	e.EventType = failed
	if why != "" {
		e.Run.Facets["errorMessage"] = l.facet("ErrorMessageRunFacet", "1-0-1", facet{"message": why, "programmingLanguage": "GO"})
	}
}
