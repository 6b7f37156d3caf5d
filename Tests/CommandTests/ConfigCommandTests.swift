import Files
import Foundation
import TestSupport
import Testing

/// `wsi config`.
@Suite struct ConfigCommandTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    @Test func theReferenceIsThePageOfTheRepository() throws {
        let result = try Command.run("config", "--reference")
        #expect(result.exit == 0 && result.errors.isEmpty)
        let page = try String(contentsOf: Self.root.appending(path: "docs/config.md"), encoding: .utf8)
        #expect(result.output == page)
    }

    @Test func theSchemaIsJSON() throws {
        let result = try Command.run("config", "--schema")
        #expect(result.exit == 0 && result.errors.isEmpty)
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["properties"]?["tiling"]?["properties"]?["mpp"]?["maximum"]?.number == 100)
    }

    @Test func whatIsShownIsAConfigThatShowsAsItself() throws {
        let scratch = try Scratch()
        let file = Self.root.appending(path: "pipelines/camelyon.json").path
        let first = try Command.run("config", "--show", file)
        #expect(first.exit == 0)
        #expect(first.errors.contains("given: name, cohort.slides, "))
        #expect(first.output.contains("\"val_fraction\": 0.1,") && first.output.contains("\"mask_mpp\": 8,"))
        let shown = try scratch.write(first.output, to: "shown.json")
        #expect(try Command.run("config", "--show", shown.path).output == first.output)
    }

    @Test func aConfigThatIsWrongOrNotThereIsAUsageError() throws {
        let scratch = try Scratch()
        let wrong = try scratch.write(
            #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}, "tiling": {"mpp": 0}}"#,
            to: "wrong.json"
        )
        let refused = try Command.run("config", "--show", wrong.path)
        #expect(refused.exit == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("tiling.mpp"))
        #expect(try Command.run("config", "--show", scratch["none.json"].path).exit == 2)
        for arguments in [["config"], ["config", "--schema", "--reference"]] {
            #expect(try Command.run(arguments).exit == 2)
        }
    }
}
