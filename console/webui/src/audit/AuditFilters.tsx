import { Button, FormGroup, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useSearchParams } from "react-router";
import { withParameters } from "../ui/search";
import { filterOf, SERVICES } from "./audit";

/** Which changes are shown. */
export function AuditFilters() {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string) => setSearch(withParameters({ [name]: value || undefined }), { replace: true });
  return (
    <div className="audit-filters">
      <FormGroup label="About" fieldId="audit-service">
        <FormSelect id="audit-service" value={filterOf(search).service} onChange={(_, value) => set("service", value)}>
          {Object.entries(SERVICES).map(([service, about]) => (
            <FormSelectOption key={service} value={service} label={about} />
          ))}
        </FormSelect>
      </FormGroup>
      <FormGroup label="Who" fieldId="audit-actor">
        <TextInput id="audit-actor" value={search.get("actor") ?? ""} onChange={(_, value) => set("actor", value)} />
      </FormGroup>
      <FormGroup label="Action begins with" fieldId="audit-action">
        <TextInput id="audit-action" value={search.get("action") ?? ""} onChange={(_, value) => set("action", value)} />
      </FormGroup>
      <FormGroup label="From" fieldId="audit-from">
        <TextInput id="audit-from" type="date" value={search.get("from") ?? ""} onChange={(_, value) => set("from", value)} />
      </FormGroup>
      <FormGroup label="To" fieldId="audit-to">
        <TextInput id="audit-to" type="date" value={search.get("to") ?? ""} onChange={(_, value) => set("to", value)} />
      </FormGroup>
      <Button
        variant="link"
        onClick={() => setSearch(withParameters({ actor: undefined, action: undefined, from: undefined, to: undefined }))}
      >
        Clear
      </Button>
    </div>
  );
}
