import ArgumentParser
import Config
import Foundation
import Pipeline
import Records

extension EncoderCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an encoder of a downloaded model, without Python.",
            discussion: """
                Reads a folder as it comes from Hugging Face or timm: config.json, preprocessor_config.json and
                model.safetensors (also in shards) or pytorch_model.bin, of which nothing is run. Writes encoder.json and
                weights.safetensors. Vision transformers are known as timm, dinov2, transformers and open_clip call them, Swin
                transformers, ConvNeXts and ResNets as timm and others do; tensors that are missing, left over or of another shape
                are named.

                --as says which known encoder it is, and so what no file of the folder says: wsi encoder list. Names and
                shapes cannot prove it: the name is your word.

                Example:
                  wsi encoder import UNI --as uni --out encoders/uni
                """.reflowed
        )

        @Argument(help: ArgumentHelp("The model's folder.", valueName: "folder"))
        var folder: String

        @Option(name: .customLong("as"), help: ArgumentHelp("Which known encoder it is.", valueName: "preset"))
        var preset: String?

        @Option(help: ArgumentHelp("The folder to write (default: the encoder's name, here).", valueName: "folder"))
        var out: String?

        @Option(help: ArgumentHelp("The encoder's name (default: the preset's, or the folder's).", valueName: "name"))
        var name: String?

        @Option(help: ArgumentHelp("µm per pixel that the model was trained for.", valueName: "µm"))
        var mpp: Double?

        @Option(help: ArgumentHelp("Name of its licence.", valueName: "licence"))
        var licence: String?

        @Option(help: ArgumentHelp("What features are: cls, cls+mean or mean.", valueName: "pool"))
        var pool: String?

        @Option(help: ArgumentHelp("Attention heads, where no file says how many.", valueName: "number"))
        var heads: Int?

        @Option(help: ArgumentHelp("Side in pixels of what the network is given.", valueName: "pixels"))
        var input: Int?

        func run() async throws {
            var wishes = EncoderImport.Wishes()
            wishes.preset = try preset.map(Self.preset)
            (wishes.name, wishes.mpp, wishes.licence, wishes.input) = (name, mpp, licence, input)
            wishes.heads = heads
            wishes.pool = try pool.map(Self.pool)
            let made = try EncoderImport(URL(filePath: folder), wishes)
            let report = try made.write(to: URL(filePath: out ?? made.name))
            for note in report.notes { Console.note(note) }
            let alike = report.alike.map(\.title).joined(separator: ", ")
            let shape = report.alike.isEmpty ? "" : "; it has the shape of \(alike)"
            Console.line(
                "\(report.manifest.name): \(report.manifest.dim) features of \(report.manifest.input) pixels, "
                    + "sha256 \(report.manifest.sha256)\(shape)"
            )
            try Console.result(report.file.path)
        }

        private static func preset(_ word: String) throws -> EncoderPreset {
            guard let preset = EncoderPreset.named(word) else {
                throw Failure(.usage, "--as", "there is no preset '\(word)'; wsi encoder list names them")
            }
            return preset
        }

        private static func pool(_ word: String) throws -> ViTArchitecture.Pool {
            guard let pool = ViTArchitecture.Pool(rawValue: word), [.cls, .clsMean, .mean].contains(pool) else {
                throw Failure(.usage, "--pool", "'\(word)' is not cls, cls+mean or mean")
            }
            return pool
        }
    }
}
