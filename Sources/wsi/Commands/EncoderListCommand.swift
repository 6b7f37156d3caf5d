import ArgumentParser
import Config
import Files
import Foundation
import Pipeline

extension EncoderCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the encoders that are known.",
            discussion: """
                Facts of each: width of its features, the patches that it is usually given, what they are resampled to, its
                licence and whether that allows commercial use, and what its network was compared with. No weights come
                with the program, and none are fetched.

                Example:
                  wsi encoder list --json
                """.reflowed
        )

        @Flag(help: "Print JSON.")
        var json = false

        /// What `--json` prints of each.
        private struct Line: Encodable {
            var name: String
            var title: String
            var source: String
            var dim: Int
            var patch: Int?
            var mpp: Double?
            var input: Int
            var resize: Int?
            var interpolation: String
            var mean: [Double]
            var std: [Double]
            var licence: String
            var commercial: Bool
            /// The library whose names, shapes and features it has; nil: unverified.
            var verified: String?
            var architecture: EncoderArchitecture
            /// Files whose digests are known.
            var published: [PublishedWeights]
        }

        func run() async throws {
            guard !json else { return try Console.result(CanonicalJSON.data(EncoderPreset.all.map(Self.line))) }
            var table = TextTable()
            table.add("name", "encoder", "dim", "patch", "input", "licence", "commercial", "network")
            for preset in EncoderPreset.all {
                let patch = preset.patch.flatMap { side in preset.mpp.map { "\(side) px at \($0) µm" } } ?? "any"
                let wanted = preset.preprocessing
                let input = wanted.resize.map { "\($0), \(wanted.input) of it" } ?? "\(wanted.input)"
                table.add(
                    preset.name,
                    preset.title,
                    "\(preset.dim)",
                    patch,
                    input,
                    preset.licence,
                    preset.isCommercial ? "yes" : "no",
                    Self.network(preset.proof)
                )
            }
            try Console.result(table.lines.joined(separator: "\n"))
        }

        private static func network(_ proof: EncoderPreset.Proof) -> String {
            switch proof {
            case .library(let name): "as \(name)"
            case .unverified: "unverified"
            }
        }

        private static func line(_ preset: EncoderPreset) -> Line {
            let library: String? = if case .library(let name) = preset.proof { name } else { nil }
            return Line(
                name: preset.name,
                title: preset.title,
                source: preset.source,
                dim: preset.dim,
                patch: preset.patch,
                mpp: preset.mpp,
                input: preset.preprocessing.input,
                resize: preset.preprocessing.resize,
                interpolation: preset.preprocessing.interpolation.rawValue,
                mean: preset.preprocessing.mean,
                std: preset.preprocessing.std,
                licence: preset.licence,
                commercial: preset.isCommercial,
                verified: library,
                architecture: preset.architecture,
                published: preset.published
            )
        }
    }
}
