import { Alert, Button, Card, CardBody, CardTitle } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { auditVerificationQuery } from "../api/access";
import { Failure } from "../ui/Failure";
import { count } from "../ui/format";

/** Verifies the logs of the three services when it is asked to. */
export function Verification() {
  const verified = useQuery(auditVerificationQuery);
  return (
    <Card>
      <CardTitle component="h2">Verification</CardTitle>
      <CardBody className="stack">
        <p className="quiet">
          Each entry has the hash of the one before it. A verification finds entries that were changed, removed, inserted
          or moved; keep the heads elsewhere to find out, too, whether the end was cut.
        </p>
        {verified.isError && <Failure title="The logs could not be verified" error={verified.error} />}
        {verified.data?.map(({ service, result }) => (
          <Alert
            key={service}
            isInline
            variant={result.valid ? "success" : "danger"}
            title={`${service}: ${count(result.entries, "entry", "entries")}, ${
              result.valid ? "none was changed" : count(result.problemCount, "problem")
            }`}
          >
            <p className="audit-values">
              {service}/{result.head.serial}:{result.head.hash}
            </p>
            {result.problems.map(({ message }) => (
              <p key={message}>{message}</p>
            ))}
          </Alert>
        ))}
        <div>
          <Button variant="secondary" onClick={() => verified.refetch()} isLoading={verified.isFetching}>
            Verify
          </Button>
        </div>
      </CardBody>
    </Card>
  );
}
