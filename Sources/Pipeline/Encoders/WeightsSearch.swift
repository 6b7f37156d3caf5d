import Files
import Foundation
import Records
import Storage

/// What of a model's folder may be its weights, where none has a usual name.
struct WeightsSearch {
    private static let endings: Set = ["safetensors", "bin", "pth", "pt", "pt2", "torch", "ckpt"]

    private let folder: URL
    private let files: [URL]

    /// - Throws: `StorageError`.
    init(_ folder: URL) throws {
        self.folder = folder
        files = try StorageError.during("list", folder) {
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        }.sorted { $0.path < $1.path }
    }

    /// The one file that there is.
    /// - Throws: `Failure` with what is there instead.
    func only() throws -> URL {
        if let base = try adapterBase() {
            throw Failure(
                .encoder,
                folder.path,
                "these are the weights of an adapter (LoRA) to \(base), no model; merge them into it (merge_and_unload of "
                    + "peft) and save that"
            )
        }
        let found = files.filter { Self.endings.contains($0.pathExtension) && !isOpenVINO($0) }
        if let shard = found.first(where: { $0.lastPathComponent.contains(/-\d{5}-of-\d{5}\./) }) {
            throw Failure(
                .notFound,
                folder.path,
                "\(ShownText.line(shard.lastPathComponent)) is one of several shards, and the index that names them "
                    + "(.index.json) is not there; download it too"
            )
        }
        guard let only = found.first else { throw Failure(.notFound, folder.path, absence) }
        guard found.count == 1 else {
            let names = found.map { ShownText.line($0.lastPathComponent) }.joined(separator: ", ")
            throw Failure(.notFound, folder.path, "several files could be its weights: \(names); leave one")
        }
        return only
    }

    /// Of a format that is not read, or of none.
    private var absence: String {
        let formats = ForeignWeights.Format.allCases.filter { format in
            files.contains { file in
                format.endings.contains(file.pathExtension.lowercased())
                    // Any XML has that ending.
                    && (format != .openVINO || ForeignWeights(contentsOf: file) == .format(format))
            }
        }
        return formats.first?.refusal ?? "no weights are in it"
    }

    /// Whether a file holds the numbers of a network that an XML of the same name describes.
    private func isOpenVINO(_ file: URL) -> Bool {
        let description = file.deletingPathExtension().appendingPathExtension("xml")
        guard file.pathExtension == "bin", files.contains(where: { $0.path == description.path }) else { return false }
        return ForeignWeights(contentsOf: description) == .format(.openVINO)
    }

    /// The model that the folder's adapter belongs to; nil where there is no adapter.
    private func adapterBase() throws -> String? {
        struct Adapter: Decodable { var base_model_name_or_path: String? }
        let url = folder.appending(path: "adapter_config.json")
        guard try RegularFile.exists(url) else { return nil }
        let text = try TextLimit.data(url, upTo: TextLimit.person, wayOut: "is this an adapter's config?")
        return ShownText.line(try ForeignJSON(text, url).decode(Adapter.self).base_model_name_or_path ?? "a model")
    }
}
