import Config
import Files
import Foundation
import Storage
import TestSupport

@testable import Pipeline

/// A small network of a library as a folder that people download: what scripts/import-references wrote, with weights that the
/// recipe draws again.
struct ImportReference: Decodable, CustomStringConvertible {
    struct Wishes: Decodable {
        var heads: Int?
        var pool: ViTArchitecture.Pool?
    }

    /// With its version.
    var library: String
    /// Beside the weights, by name.
    var files: [String: JSONValue]
    /// What no file says.
    var wishes: Wishes
    /// Shapes by the library's names.
    var tensors: [String: [Int]]
    /// Of two patches, by their side.
    var features: [String: [[Float]]]
    var name = ""

    private enum CodingKeys: CodingKey { case library, files, wishes, tensors, features }

    var description: String { name }

    static let names = [
        "timm-vit", "timm-registers", "timm-registers-with-positions", "timm-norms", "timm-mean", "timm-mean-fc-norm",
        "timm-gap", "timm-gap-registers",
        "timm-dinov3", "timm-dinov3-mean", "dinov2", "dinov2-registers", "transformers-vit", "transformers-dinov2",
        "transformers-dinov2-registers", "transformers-dinov3", "transformers-clip", "open_clip", "conch", "conch-v1.5",
        "keep", "timm-swin", "timm-swin-small-maps", "swin-earlier", "ctranspath", "timm-convnext", "timm-convnext-v2",
        "timm-convnext-norm-first",
    ]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Imported")

    static func named(_ name: String) throws -> ImportReference {
        let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
        var reference = try JSONDecoder().decode(ImportReference.self, from: data)
        reference.name = name
        return reference
    }

    /// The weights under the library's names.
    var weights: [String: StoredTensor] {
        Dictionary(uniqueKeysWithValues: tensors.map { name, shape in (name, Self.tensor(name, shape)) })
    }

    static func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
        guard name.hasSuffix("num_batches_tracked") || name.hasSuffix("relative_position_index") else {
            return StoredTensor(shape: shape, floats: Recipe.values(name, shape))
        }
        return StoredTensor(kind: .int64, shape: shape, bytes: Data(count: 8 * shape.reduce(1, *)))
    }

    /// Writes the folder.
    /// - Parameter edit: changes the weights before.
    func write(to folder: URL, edit: (inout [String: StoredTensor]) -> Void = { _ in }) throws {
        var weights = weights
        edit(&weights)
        try AtomicFile.createFolder(folder)
        try SafeTensors(tensors: weights).write(to: folder.appending(path: "model.safetensors"))
        for (file, content) in files { try CanonicalJSON.write(content, to: folder.appending(path: file)) }
    }

    /// What the user would say.
    func wishes(input: Int?) -> EncoderImport.Wishes {
        var said = EncoderImport.Wishes()
        (said.heads, said.pool, said.input) = (wishes.heads, wishes.pool, input)
        (said.name, said.mpp, said.licence) = ("small", 0.5, "none")
        return said
    }

    /// Imports the folder into another.
    func imported(_ scratch: Scratch, input: Int? = nil, edit: (inout [String: StoredTensor]) -> Void = { _ in }) throws
        -> EncoderImport.Report
    {
        let (from, to) = (scratch["model"], scratch["encoder-\(UUID().uuidString)"])
        try write(to: from, edit: edit)
        return try EncoderImport(from, wishes(input: input)).write(to: to)
    }
}
