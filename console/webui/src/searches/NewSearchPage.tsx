import {
  ActionGroup,
  Breadcrumb,
  BreadcrumbItem,
  Button,
  ExpandableSection,
  Form,
  FormGroup,
  FormSelect,
  FormSelectOption,
} from "@patternfly/react-core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ask, training } from "../api/client";
import { versionsQuery } from "../api/projects";
import { recipesQuery } from "../api/runs";
import type { DatasetVersion, Recipe, Search } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { TextField } from "../ui/TextField";
import { VersionSelect } from "../versions/VersionSelect";
import { LoadingRows } from "../ui/loading";
import { parsed, wrongParameter, wrongWhole } from "../runs/parameters";
import { METHODS } from "./SearchLabel";
import { SpaceFields } from "./SpaceFields";
import { rangeText, readRange } from "./space";

const MOST_TRIALS = 1000;

/** Starts a search; at first over the parameters that the catalogue names. With ?recipe=NAME of that recipe. */
export function NewSearchPage() {
  const project = useProject();
  const recipes = useQuery(recipesQuery);
  const versions = useQuery(versionsQuery(project.name));
  const failed = [recipes, versions].find((query) => query.isError);
  const ready = recipes.data && versions.data;
  return (
    <Screen
      title="New search"
      of={project.name}
      lead="Tries parameters of a recipe, each in a run, and chooses on the DEV images."
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../searches">Searches</Link>} />
          <BreadcrumbItem isActive>New search</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {failed && <Failure title="The form could not be loaded" error={failed.error} retry={() => failed.refetch()} />}
      {!ready && !failed && <LoadingRows text="Loading the form" />}
      {ready && versions.data.length === 0 && (
        <p>
          Freeze a <Link to="../versions">dataset version</Link> first: a search names the exact images that it learns from.
        </p>
      )}
      {ready && versions.data.length > 0 && (
        <NewSearchForm
          project={project.name}
          versions={versions.data}
          recipes={recipes.data.filter(({ task, search }) => task === project.task && Object.keys(search ?? {}).length > 0)}
        />
      )}
    </Screen>
  );
}

interface Props {
  project: string;
  versions: DatasetVersion[];
  recipes: Recipe[];
}

const spaceOf = (recipe?: Recipe) =>
  Object.fromEntries(Object.entries(recipe?.search ?? {}).map(([name, range]) => [name, rangeText(range)]));

function NewSearchForm({ project, versions, recipes }: Props) {
  const navigate = useNavigate();
  const asked = useSearchParams()[0].get("recipe");
  const [recipe, setRecipe] = useState(recipes.find(({ name }) => name === asked) ?? recipes.at(0));
  const [version, setVersion] = useState(versions[0].number);
  const [ranges, setRanges] = useState(spaceOf(recipe));
  const [values, setValues] = useState<Record<string, string>>({});
  const [method, setMethod] = useState<Search["method"]>("TPE");
  const [trials, setTrials] = useState("20");
  const [parallel, setParallel] = useState("");
  const [seed, setSeed] = useState("1");
  const wrongTrials = wrongWhole(trials, 1, MOST_TRIALS);
  const wrongParallel = parallel === "" ? undefined : wrongWhole(parallel, 1, MOST_TRIALS);
  const wrongSeed = wrongWhole(seed, 0, Number.MAX_SAFE_INTEGER);
  const parameters = Object.entries(recipe?.parameters.properties ?? {});
  const space = Object.fromEntries(
    parameters.flatMap(([name, schema]) => {
      const { range } = readRange(ranges[name] ?? "", schema);
      return range ? [[name, range]] : [];
    }),
  );
  const wrong =
    Boolean(wrongTrials ?? wrongParallel ?? wrongSeed) ||
    Object.keys(space).length === 0 ||
    parameters.some(([name, schema]) =>
      name in ranges ? readRange(ranges[name], schema).wrong : wrongParameter(schema, values[name] ?? ""),
    );
  const start = useMutation({
    mutationFn: () => {
      const body = {
        project,
        datasetVersion: version,
        recipe: {
          name: recipe!.name,
          parameters: Object.fromEntries(
            parameters
              .filter(([name]) => !(name in ranges) && values[name])
              .map(([name, schema]) => [name, parsed(schema, values[name])]),
          ),
        },
        space,
        method,
        trials: Number(trials),
        seed: Number(seed),
        ...(parallel ? { parallel: Number(parallel) } : {}),
      };
      return ask(training.POST("/api/v1/searches", { body: body as never })) as unknown as Promise<Search>;
    },
    onSuccess: (search) => navigate(`../searches/${search.id}`),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) {
      start.mutate();
    }
  };
  const choose = (name: string) => {
    const chosen = recipes.find((one) => one.name === name);
    setRecipe(chosen);
    setRanges(spaceOf(chosen));
    setValues({});
  };
  return (
    <Form onSubmit={send} noValidate isWidthLimited>
      <VersionSelect versions={versions} value={version} onChange={setVersion} />
      <FormGroup label="Recipe" fieldId="search-recipe">
        <FormSelect id="search-recipe" value={recipe?.name} onChange={(_, value) => choose(value)}>
          {recipes.map(({ name }) => (
            <FormSelectOption key={name} value={name} label={name} />
          ))}
        </FormSelect>
      </FormGroup>
      <FormGroup label="Method" fieldId="search-method">
        <FormSelect id="search-method" value={method} onChange={(_, value) => setMethod(value as Search["method"])}>
          {Object.entries(METHODS).map(([value, label]) => (
            <FormSelectOption key={value} value={value} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
      <TextField label="Trials" value={trials} onChange={setTrials} wrong={wrongTrials} />
      <SpaceFields
        key={recipe?.name}
        parameters={parameters}
        ranges={ranges}
        values={values}
        onRanges={setRanges}
        onValues={setValues}
      />
      <ExpandableSection toggleText="Seed and trials at the same time">
        <TextField
          label="Seed"
          value={seed}
          onChange={setSeed}
          wrong={wrongSeed}
          help="Of the proposals, and of the random numbers of each trial."
        />
        <TextField
          label="Trials at the same time"
          value={parallel}
          onChange={setParallel}
          wrong={wrongParallel}
          help="Empty: 4, or fewer if the quota of the project allows fewer."
        />
      </ExpandableSection>
      {start.isError && <Failure title="The search could not be started" error={start.error} />}
      <ActionGroup>
        <Button type="submit" isDisabled={wrong || start.isPending} isLoading={start.isPending}>
          Start search
        </Button>
      </ActionGroup>
    </Form>
  );
}
