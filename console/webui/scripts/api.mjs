// Writes src/api/generated from the OpenAPI documents that the builds of the services wrote. With --list, only names them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = join(dirname(fileURLToPath(import.meta.url)), "..");
const document = "target/classes/META-INF/resources/openapi.json";
const services = {
  dataset: join(home, "../../dataset-service", document),
  training: join(home, "../../training-service/service", document),
  inference: join(home, "../../inference-service", document),
};

for (const file of Object.values(services)) {
  if (!existsSync(file)) {
    console.error(`${file} is missing: build the services first (mvn install -DskipTests)`);
    process.exit(1);
  }
}
if (process.argv.includes("--list")) {
  console.log(Object.values(services).join("\n"));
} else {
  const { default: openapi, astToString } = await import("openapi-typescript");
  const folder = join(home, "src/api/generated");
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(services)) {
    const types = astToString(await openapi(JSON.parse(readFileSync(file, "utf8"))));
    const target = join(folder, `${name}.ts`);
    if (!existsSync(target) || readFileSync(target, "utf8") !== types) {
      writeFileSync(target, types);
    }
  }
}
