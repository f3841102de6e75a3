"""Makes OpenLineage's own classes of events, a JSON object a line on standard input:
they check types, identifiers, times and addresses, and take no member that they do not
know. Says how many there were."""

import json
import sys

from openlineage.client import event_v2
from openlineage.client.generated import (
    error_message_run, input_statistics_input_dataset, job_type_job, nominal_time_run,
    output_statistics_output_dataset, parent_run, schema_dataset,
)

FACETS = {
    "errorMessage": error_message_run.ErrorMessageRunFacet,
    "inputStatistics": input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "jobType": job_type_job.JobTypeJobFacet,
    "nominalTime": nominal_time_run.NominalTimeRunFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "parent": parent_run.ParentRunFacet,
    "schema": schema_dataset.SchemaDatasetFacet,
}


def facet(name, members):
    members = dict(members)
    address = members.pop("_schemaURL")
    made = FACETS[name](producer=members.pop("_producer"), **{
        key: [schema_dataset.SchemaDatasetFacetFields(**field) for field in value] if key == "fields"
        else parent_run.Run(**value) if key == "run"
        else parent_run.Job(**value) if key == "job"
        else value
        for key, value in members.items()
    })
    if made._schemaURL != address:
        sys.exit(f"{name}: {address}, and the client has {made._schemaURL}")
    return made


def facets(members):
    return {
        key: {name: facet(name, value) for name, value in values.items()} if key.lower().endswith("facets") else values
        for key, values in members.items()
    }


count = 0
for line in sys.stdin:
    event = json.loads(line)
    made = event_v2.RunEvent(
        eventTime=event.pop("eventTime"), eventType=event_v2.RunState[event.pop("eventType")], producer=event.pop("producer"),
        run=event_v2.Run(**facets(event.pop("run"))), job=event_v2.Job(**facets(event.pop("job"))),
        inputs=[event_v2.InputDataset(**facets(one)) for one in event.pop("inputs")],
        outputs=[event_v2.OutputDataset(**facets(one)) for one in event.pop("outputs")],
    )
    if made.schemaURL != event.pop("schemaURL") or event:
        sys.exit(f"schemaURL {made.schemaURL}, and more: {event}")
    count += 1
print(count)
