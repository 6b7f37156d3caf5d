import Files
import Foundation
import Records
import Storage

/// A folder as people download it from a hub: weights, and files that say what they are.
struct ModelFolder {
    let folder: URL
    let weights: URL
    /// What the files beside the weights say.
    let facts: ModelFacts
    /// Of the page that comes with the model.
    let licence: String?

    /// Names of weights, the usual first.
    private static let weightNames = [
        "model.safetensors", "model.safetensors.index.json", "open_clip_model.safetensors", "pytorch_model.bin",
        "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin", "pytorch_model_vision.bin",
    ]

    /// - Parameter isNamed: whether somebody says what model it is, so that a config that is not understood does not matter.
    /// - Throws: `Failure`, `StorageError`.
    init(_ folder: URL, isNamed: Bool) throws {
        self.folder = folder
        weights = try Self.weights(in: folder)
        do { facts = try Self.facts(in: folder, isNamed: isNamed) } catch let unknown as UnknownPart {
            throw Failure(
                .encoder,
                folder.appending(path: "config.json").path,
                "\(unknown.what) is not built here; scripts/export_encoder.py makes TorchScript of what timm and transformers build"
            )
        }
        licence = try Self.licence(in: folder)
    }

    /// Opens the weights.
    func file() throws -> WeightsFile {
        try weights.pathExtension == "json" ? WeightsFile(index: weights) : WeightsFile(contentsOf: weights)
    }

    private static func weights(in folder: URL) throws -> URL {
        switch RegularFile.kind(of: folder.path) {
        case .folder: break
        case .none: throw Failure(.notFound, folder.path, "there is no such folder; give that of a downloaded model")
        default:
            let way = "give the folder that it lies in, with the files that came with it"
            let foreign = ForeignWeights(contentsOf: folder)?.refusal
            throw Failure(foreign == nil ? .notFound : .encoder, folder.path, foreign ?? "this is a file; \(way)")
        }
        for name in weightNames {
            let url = folder.appending(path: name)
            if try RegularFile.exists(url) { return url }
        }
        return try WeightsSearch(folder).only()
    }

    private static func facts(in folder: URL, isNamed: Bool) throws -> ModelFacts {
        var facts = ModelFacts()
        if let config: PreprocessorConfig = try read("preprocessor_config.json", in: folder) {
            facts.preprocessing = config.facts
        }
        if let config: OpenCLIPConfig = try read("open_clip_config.json", in: folder) {
            return facts.orElse(config.facts())
        }
        struct Kind: Decodable {
            var architecture: String?
            var model_type: String?
        }
        guard let kind: Kind = try read("config.json", in: folder) else { return facts }
        do {
            if kind.architecture != nil, let config: TimmConfig = try read("config.json", in: folder) {
                return try facts.orElse(config.facts())
            }
            if kind.model_type != nil, let config: TransformersConfig = try read("config.json", in: folder) {
                return try facts.orElse(config.facts())
            }
        } catch let error where isNamed {
            // Who names the model knows better than a config of a program of its own.
            guard error is UnknownPart || (error as? StorageError)?.code == .file else { throw error }
        }
        return facts
    }

    private static func read<Value: Decodable>(_ name: String, in folder: URL) throws -> Value? {
        let url = folder.appending(path: name)
        guard try RegularFile.exists(url) else { return nil }
        let text = try TextLimit.data(url, upTo: TextLimit.person, wayOut: "is this a model's config?")
        return try ForeignJSON(text, url).decode(Value.self)
    }

    /// What the model's page calls its licence in its head.
    private static func licence(in folder: URL) throws -> String? {
        let url = folder.appending(path: "README.md")
        guard try RegularFile.exists(url) else { return nil }
        let text = try TextLimit.data(url, upTo: TextLimit.person, wayOut: "is this a model's page?")
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard lines.first == "---" else { return nil }
        let head = lines.dropFirst().prefix { $0 != "---" }
        for key in ["license_name:", "license:"] {
            guard let line = head.first(where: { $0.hasPrefix(key) }) else { continue }
            let value = line.dropFirst(key.count).trimmingCharacters(in: .whitespaces)
            if !value.isEmpty, value != "other" { return value }
        }
        return nil
    }
}
