import ArgumentParser
import Config
import Foundation
import Pipeline
import Records
import Storage

struct EncoderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder",
        abstract: "Make an encoder of a downloaded model; check one; consent to one's program.",
        discussion: """
            Examples:
              wsi encoder list
              wsi encoder import UNI --as uni
              wsi encoder trust uni/encoder.json
              wsi encoder check uni/encoder.json
            """,
        subcommands: [List.self, Import.self, Trust.self, Check.self]
    )

    struct Trust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow a TorchScript encoder to run.",
            discussion: """
                TorchScript is a program: it can do on this computer what you can do. Trust only files whose origin you
                know. The file's SHA-256 is recorded for this user; another file under the same name is refused again.

                Example:
                  wsi encoder trust uni.json
                """.reflowed
        )

        @Argument(help: ArgumentHelp("The encoder's JSON file, or the TorchScript file beside it.", valueName: "file"))
        var file: String

        @Flag(help: "Do not ask.")
        var yes = false

        func run() async throws {
            let manifest = try EncoderManifest.describing(URL(filePath: file))
            try manifest.checkWeights()
            guard manifest.architecture == nil else {
                Console.line("\(manifest.name) is data, no program: it needs no consent")
                return
            }
            let store = TrustStore()
            if try store.isTrusted(manifest.sha256) {
                Console.line("\(manifest.name) is already trusted")
                return
            }
            // Each of these on a line of its own, whatever the file says: none can pass for another, or for an answer.
            Console.line(
                """
                encoder   \(manifest.name), \(manifest.dim) features
                file      \(ShownText.line(manifest.weightsURL.path))
                sha256    \(manifest.sha256)
                licence   \(ShownText.line(manifest.licence))
                source    \(ShownText.line(manifest.source))
                """
            )
            try Consent.ask(to: "program", of: file, yes: yes)
            try store.trust(digest: manifest.sha256, name: manifest.name)
            Console.line("\(manifest.name) is trusted")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare an encoder with the golden patch that came with it.",
            discussion: """
                The encoder's JSON names a 'check' file that holds a patch and the features that the encoder's makers got
                for it. In fp32 no feature may differ by more than 0.1 % of the largest one; in bf16 the cosine must be
                0.999 or more. Where bf16 is asked for, it also says how far that takes the features of four made patches
                from those of fp32.

                Examples:
                  wsi encoder check uni/encoder.json --precision fp32
                  wsi encoder check ctranspath/encoder.json --precision bf16
                """.reflowed
        )

        @Argument(help: ArgumentHelp("The encoder's JSON file.", valueName: "file"))
        var file: String

        @Option(
            help: DeviceChoice.help("Where to compute"),
            completion: .list(DeviceChoice.words),
            transform: DeviceChoice.argument
        )
        var device: DeviceChoice = .auto

        @Option(
            help: ArgumentHelp(
                "What to compute in: auto, bf16 or fp32 (auto: TorchScript in fp32).",
                valueName: "precision"
            )
        )
        var precision: Precision = .auto

        @OptionGroup var log: LogOption

        func run() async throws {
            try MachineNeeds.ofComputing.check()
            let encoder = try EncoderChoice(file)
            let programs = try Programs.installed()
            guard
                let check = try await encoder.check(
                    device: device,
                    precision: precision,
                    comparesFP32: true,
                    programs
                )
            else {
                throw Failure(.usage, file, "this encoder is built in; there is nothing to check")
            }
            try Console.result("\(encoder.identity.name): \(check)")
        }
    }
}
