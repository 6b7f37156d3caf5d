import ArgumentParser
import Config
import Files
import Foundation
import Pipeline
import Records

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Say what the keys of a study's config are, and what a config comes to.",
        discussion: """
            --reference prints docs/config.md: every key with its type, default, range and source. --schema prints a JSON
            Schema; an editor that is told of it completes and checks a config as it is written, for which the key $schema
            at its top may name the file. --show prints a config with every default written out, in the reference's order;
            the keys that the file gives are named on stderr, null is what is left to the model's recipe or to the data.
            Paths stay as they are, relative to the config file. What is printed reads back as the same config.

            Exit codes: 0 ok, 2 the config is wrong or not there.

            Examples:
              wsi config --reference
              wsi config --schema > study.schema.json
              wsi config --show pipelines/camelyon.json
            """.reflowed
    )

    @Flag(help: "Print every key, as Markdown.")
    var reference = false

    @Flag(help: "Print a JSON Schema.")
    var schema = false

    @Option(help: ArgumentHelp("Print this config with every default.", valueName: "json"))
    var show: String?

    func validate() throws {
        if [reference, schema, show != nil].filter({ $0 }).count != 1 {
            throw ValidationError("give one of --reference, --schema and --show")
        }
    }

    func run() throws {
        if reference { try Console.result(Data(ConfigReference(PipelineConfig.outline).markdown.utf8)) }
        if schema { try Console.result(CanonicalJSON.data(ConfigSchema(PipelineConfig.outline).json)) }
        guard let show else { return }
        let resolved = try ResolvedConfig(contentsOf: URL(filePath: show).standardizedFileURL)
        Console.line("given: \(resolved.given.joined(separator: ", ")); all else is a default")
        try Console.result(resolved.text.json)
    }
}
