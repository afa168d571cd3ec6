// node lint_api.mjs FILE: prints what the linter finds in an API description, one finding a line,
// and exits 1 if there was anything. Needs no network.

import {createConfig, lint} from "@redocly/openapi-core";

const rules = {
  "no-server-example.com": "off",  // the default address is the loopback one
  "operation-4xx-response": "off",  // the open pages have none
  "no-invalid-media-type-examples": {severity: "error", allowAdditionalProperties: true},
  "no-invalid-parameter-examples": "error",
  "no-invalid-schema-examples": "error",
  "operation-operationId": "error",
  "operation-tag-defined": "error",
  "response-contains-header": "off",
};

const [file] = process.argv.slice(2);
const config = await createConfig({extends: ["recommended-strict"], rules});
const problems = await lint({ref: file, config});
for (const {ruleId, message, location: [place]} of problems) {
  console.log(`${place?.pointer ?? ""}: ${ruleId}: ${message.replaceAll("\n", " ")}`);
}
process.exit(problems.length > 0 ? 1 : 0);
