import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

struct EncoderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder",
        abstract: "Consent to an encoder's program.",
        subcommands: [Trust.self]
    )

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow a TorchScript encoder to run.",
            discussion: """
                TorchScript is a program: it can do on this computer what you can do. Trust only files whose origin you
                know. The file's SHA-256 is recorded for this user; another file under the same name is refused again.

                Example:
                  wsi encoder trust uni.json
                """
        )

        @Argument(help: ArgumentHelp("The encoder's JSON file.", valueName: "file"))
        var file: String

        @Flag(help: "Do not ask.")
        var yes = false

        func run() async throws {
            let manifest = try EncoderManifest(contentsOf: URL(filePath: file))
            try manifest.checkWeights()
            let store = TrustStore()
            if try store.isTrusted(manifest.sha256) {
                Console.line("\(manifest.name) is already trusted")
                return
            }
            Console.line(
                """
                encoder   \(manifest.name), \(manifest.dim) features
                file      \(manifest.weightsURL.path)
                sha256    \(manifest.sha256)
                licence   \(manifest.licence)
                source    \(manifest.source)
                """
            )
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw Failure(.untrusted, file, "consent is needed: run this in a terminal, or add --yes")
                }
                Console.say("Trust this program? [y/N] ")
                guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                    throw Failure(.untrusted, file, "not trusted")
                }
            }
            try store.trust(digest: manifest.sha256, name: manifest.name)
            Console.line("\(manifest.name) is trusted")
        }
    }
}
