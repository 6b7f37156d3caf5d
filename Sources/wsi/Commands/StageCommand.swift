import ArgumentParser
import Foundation
import Pipeline
import Records

struct StageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage",
        abstract: "Consent to the client that a study's config names.",
        discussion: """
            Example:
              wsi stage trust study.json
            """,
        subcommands: [Trust.self]
    )

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "trust",
            abstract: "Allow the stage.command of a config to run.",
            discussion: """
                A config may name the client that gets slides from an object store. It is a program that runs as you: trust only
                what you know. The command's SHA-256 is recorded for this user; another command is refused again (exit 5).

                Example:
                  wsi stage trust study.json
                """.reflowed
        )

        @Argument(help: ArgumentHelp("The study's config.", valueName: "json"))
        var config: String

        @Flag(help: "Do not ask.")
        var yes = false

        func run() async throws {
            guard let command = try StudyCommand(config: URL(filePath: config).standardizedFileURL) else {
                Console.line("\(config) names no stage.command: it needs no consent")
                return
            }
            if try command.isTrusted() {
                Console.line("the command of \(config) is already trusted")
                return
            }
            // On a line of its own, whatever it holds.
            Console.line("command   \(ShownText.whole(command.text))\nsha256    \(command.digest)")
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw Failure(.untrusted, config, "consent is needed: run this in a terminal, or add --yes")
                }
                Console.ask("Trust this command? [y/N] ")
                guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                    throw Failure(.untrusted, config, "not trusted")
                }
            }
            try command.trust()
            Console.line("the command of \(config) is trusted")
        }
    }
}
