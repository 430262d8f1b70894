import {
  ActionGroup,
  Button,
  Checkbox,
  ExpandableSection,
  Form,
  FormGroup,
  FormHelperText,
  FormSection,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
} from "@patternfly/react-core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { ask, idempotencyKey, training } from "../api/client";
import { ApiError } from "../api/problem";
import type { DatasetVersion, ProjectDetails, Recipe, Run } from "../api/types";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { notify } from "../ui/notices";
import { VersionSelect } from "../versions/VersionSelect";
import { AugmentationPreview } from "./AugmentationPreview";
import { ParameterField } from "./ParameterField";
import { parsed, wrongParameter, wrongWhole } from "./parameters";

interface Props {
  project: ProjectDetails;
  versions: DatasetVersion[];
  recipes: Recipe[];
  /** A run whose values the form begins with. */
  template?: Run;
  /** Number of the dataset version that is chosen first. */
  version?: number;
}

export function NewRunForm({ project, versions, recipes, template, version }: Props) {
  const [number, setNumber] = useState(version ?? template?.datasetVersion ?? versions[0].number);
  const [name, setName] = useState(template?.recipe.name ?? recipes[0]?.name ?? "");
  const [values, setValues] = useState<Record<string, string>>(textsOf(template?.recipe.parameters));
  const [seed, setSeed] = useState(String(template?.seed ?? 1));
  const [priority, setPriority] = useState(String(template?.priority ?? 0));
  const [register, setRegister] = useState(template?.register ?? true);
  const [withControl, setWithControl] = useState(template?.withControl ?? true);
  const classifies = project.task === "CLASSIFICATION";
  const [checkLabels, setCheckLabels] = useState(template ? template.checkLabels : classifies);
  const [key] = useState(idempotencyKey);
  const queries = useQueryClient();
  const navigate = useNavigate();

  const recipe = recipes.find((known) => known.name === name);
  const parameters = Object.entries(recipe?.parameters.properties ?? {});
  const wrongSeed = wrongWhole(seed, 0, Number.MAX_SAFE_INTEGER);
  const wrongPriority = wrongWhole(priority, -100, 100);
  const incomplete =
    !recipe ||
    Boolean(wrongSeed ?? wrongPriority) ||
    parameters.some(([parameter, schema]) => wrongParameter(schema, values[parameter] ?? ""));

  const start = useMutation({
    mutationFn: () => {
      const body = {
        project: project.name,
        datasetVersion: number,
        seed: Number(seed),
        priority: Number(priority),
        register,
        withControl,
        checkLabels,
        recipe: {
          name,
          parameters: Object.fromEntries(
            parameters
              .filter(([parameter]) => values[parameter])
              .map(([parameter, schema]) => [parameter, parsed(schema, values[parameter])]),
          ),
        },
      };
      return ask(
        training.POST("/api/v1/runs", {
          // The same form sent twice is one run.
          params: { header: { "Idempotency-Key": `${key}-${hash(JSON.stringify(body))}` } },
          body: body as never,
        }),
      ) as Promise<Run>;
    },
    // A version that was frozen a moment ago may not be known to training-service yet.
    retry: (failures, error) => error instanceof ApiError && error.code === "DATASET_VERSION_NOT_FOUND" && failures < 20,
    retryDelay: 1_000,
    onSuccess: async (run) => {
      await queries.invalidateQueries({ queryKey: ["runs"] });
      notify("The run is in the queue.");
      await navigate(`../runs/${run.id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!incomplete && !start.isPending) {
      start.mutate();
    }
  };
  return (
    <Form isWidthLimited onSubmit={submit} noValidate>
      <VersionSelect versions={versions} value={number} onChange={setNumber} />
      <FormGroup label="Recipe" fieldId="recipe" isRequired>
        <FormSelect id="recipe" value={name} onChange={(_, chosen) => setName(chosen)} aria-describedby="recipe-help">
          {recipes.map((known) => (
            <FormSelectOption key={known.name} value={known.name} label={known.name} />
          ))}
        </FormSelect>
        <FormHelperText>
          <HelperText id="recipe-help">
            <HelperTextItem>{recipe?.summary ?? "No recipe trains this kind of project."}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      {parameters.length > 0 && (
        <FormSection title="Parameters" titleElement="h2">
          {parameters.map(([parameter, schema]) => (
            <ParameterField
              key={`${name}.${parameter}`}
              name={parameter}
              schema={schema}
              value={values[parameter] ?? ""}
              onChange={(value) => setValues({ ...values, [parameter]: value })}
            />
          ))}
          <AugmentationPreview
            key={name}
            project={project}
            values={Object.fromEntries(
              parameters.map(([parameter, schema]) => [parameter, values[parameter] || String(schema.default ?? "")]),
            )}
          />
        </FormSection>
      )}
      <Checkbox
        id="register"
        label="Make a model version"
        description="Without it the run only measures."
        isChecked={register}
        onChange={(_, checked) => setRegister(checked)}
      />
      <Checkbox
        id="control"
        label="Train a control"
        description="A cheap model on a network with random weights. It shows how much of a metric is reached without what the model has learned."
        isChecked={withControl}
        onChange={(_, checked) => setWithControl(checked)}
      />
      {classifies && (
        <Checkbox
          id="check-labels"
          label="Check the images"
          description="Labels that are probably wrong become findings, and the run measures whether more images would help."
          isChecked={checkLabels}
          onChange={(_, checked) => setCheckLabels(checked)}
        />
      )}
      <ExpandableSection toggleText="Seed and priority">
        <TextField
          label="Seed"
          value={seed}
          onChange={setSeed}
          wrong={wrongSeed}
          help="The same seed, recipe and dataset version give the same model, on the same kind of machine with as many cores."
        />
        <TextField
          label="Priority"
          value={priority}
          onChange={setPriority}
          wrong={wrongPriority}
          help="From -100 to 100; runs with a higher one start earlier."
        />
      </ExpandableSection>
      {start.isError && <Failure title="The run was not started" error={start.error} />}
      <ActionGroup>
        <Button type="submit" isDisabled={incomplete || start.isPending} isLoading={start.isPending}>
          Start run
        </Button>
        <Link className="pf-v6-c-button pf-m-link" to="../runs">
          Cancel
        </Link>
        {Object.keys(recipe?.search ?? {}).length > 0 && (
          <Link className="pf-v6-c-button pf-m-link" to={`../searches/new?recipe=${name}`}>
            Search parameters
          </Link>
        )}
      </ActionGroup>
    </Form>
  );
}

const textsOf = (parameters: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));

function hash(text: string) {
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    value = (Math.imul(value, 31) + text.charCodeAt(i)) | 0;
  }
  return (value >>> 0).toString(36);
}
