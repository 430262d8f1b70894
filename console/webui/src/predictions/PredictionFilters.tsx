import { Button, FormGroup, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { modelVersionsQuery, type PredictionFilter } from "../api/models";
import { useProject } from "../projects/ProjectScope";
import { useProducts } from "../projects/useProducts";
import { withParameters } from "../ui/search";

/** The filter that stands in the address. */
export function filterOf(search: URLSearchParams): PredictionFilter {
  return {
    version: numberOf(search.get("version")),
    label: search.get("label") ?? undefined,
    product: search.get("product") ?? undefined,
    minScore: numberOf(search.get("minScore")),
    maxScore: numberOf(search.get("maxScore")),
  };
}

function numberOf(text: string | null): number | undefined {
  return text !== null && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** Which predictions are shown, by version, label, product and score. */
export function PredictionFilters({ project }: { project: string }) {
  const [search, setSearch] = useSearchParams();
  const versions = useQuery(modelVersionsQuery(project));
  const labels = [...new Set((versions.data ?? []).flatMap((version) => version.labels))].toSorted();
  const products = useProducts(project, useProject().task);
  const set = (name: string, value: string) => setSearch(withParameters({ [name]: value || undefined }), { replace: true });
  return (
    <div className="prediction-filters">
      <FormGroup label="Version" fieldId="filter-version">
        <FormSelect id="filter-version" value={search.get("version") ?? ""} onChange={(_, value) => set("version", value)}>
          <FormSelectOption value="" label="All versions" />
          {(versions.data ?? []).map(({ number }) => (
            <FormSelectOption key={number} value={String(number)} label={`Version ${number}`} />
          ))}
        </FormSelect>
      </FormGroup>
      <FormGroup label="Label" fieldId="filter-label">
        <FormSelect id="filter-label" value={search.get("label") ?? ""} onChange={(_, value) => set("label", value)}>
          <FormSelectOption value="" label="All labels" />
          {labels.map((label) => (
            <FormSelectOption key={label} value={label} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
      {products.length > 0 && (
        <FormGroup label="Product" fieldId="filter-product">
          <FormSelect id="filter-product" value={search.get("product") ?? ""} onChange={(_, value) => set("product", value)}>
            <FormSelectOption value="" label="All products" />
            {products.map((product) => (
              <FormSelectOption key={product} value={product} label={product} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <FormGroup label="Score from" fieldId="filter-min">
        <TextInput
          id="filter-min"
          type="number"
          value={search.get("minScore") ?? ""}
          onChange={(_, value) => set("minScore", value)}
        />
      </FormGroup>
      <FormGroup label="Score to" fieldId="filter-max">
        <TextInput
          id="filter-max"
          type="number"
          value={search.get("maxScore") ?? ""}
          onChange={(_, value) => set("maxScore", value)}
        />
      </FormGroup>
      <Button
        variant="link"
        onClick={() =>
          setSearch(
            withParameters({ version: undefined, label: undefined, product: undefined, minScore: undefined, maxScore: undefined }),
          )
        }
      >
        Clear
      </Button>
    </div>
  );
}
