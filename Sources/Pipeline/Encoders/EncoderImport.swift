public import Config
import Files
public import Foundation
import Records
import Storage

/// Makes an encoder of a model as people download it: `encoder.json` and `weights.safetensors` under our names, by tables of
/// names. Nothing of the model is run.
public struct EncoderImport {
    /// What the user says; everything else is read.
    public struct Wishes: Sendable {
        /// The preset that the weights are, in the user's word.
        public var preset: EncoderPreset?
        /// Of the encoder; nil: the preset's, or the folder's.
        public var name: String?
        public var licence: String?
        public var mpp: Double?
        public var pool: ViTArchitecture.Pool?
        /// Attention heads of a vision transformer.
        public var heads: Int?
        /// Side in pixels of what the network takes.
        public var input: Int?

        public init() {}
    }

    /// What was made.
    public struct Report: Sendable {
        public let manifest: EncoderManifest
        public let file: URL
        /// Presets whose network has the same shapes: no more than that can be seen.
        public let alike: [EncoderPreset]
        public let notes: [String]
    }

    static let fileName = "encoder.json"

    private let folder: ModelFolder
    private let wishes: Wishes
    private let facts: ModelFacts

    /// - Parameter folder: of the model.
    /// - Throws: `Failure`, `StorageError`.
    public init(_ folder: URL, _ wishes: Wishes) throws {
        self.folder = try ModelFolder(folder, isNamed: wishes.preset != nil)
        self.wishes = wishes
        var facts = ModelFacts()
        (facts.pool, facts.heads) = (wishes.pool, wishes.heads)
        if let preset = wishes.preset { facts = facts.orElse(ModelFacts(preset)) }
        facts = facts.orElse(self.folder.facts)
        // The model's own config knows what it was trained with.
        facts.mlp = self.folder.facts.mlp ?? facts.mlp
        if let input = wishes.input {
            // Another side is not cut out of what the preset's is cut out of.
            (facts.preprocessing.input, facts.preprocessing.resize) = (input, nil)
        }
        self.facts = facts
    }

    /// The encoder's name.
    public var name: String {
        wishes.name ?? wishes.preset?.name ?? folder.folder.standardizedFileURL.lastPathComponent
    }

    /// - Parameter out: a folder that is not there yet.
    /// - Throws: `Failure`, `StorageError`, `ConfigError`; nothing is left behind then.
    public func write(to out: URL) throws -> Report {
        guard case .none = RegularFile.kind(of: out.path) else {
            throw Failure(.usage, out.path, "this is there already; give another --out, or remove it")
        }
        let file = try folder.file()
        let model = try ImportedModel(file.entries, facts, wishes.preset, path: folder.weights.path)
        let draft = try manifest(model)
        try draft.check(folder.folder)
        let notes = try notes + published
        try AtomicFile.publishFolder(to: out) { made in
            let weights = made.appending(path: draft.weights)
            try SafeTensorsWriter.write(model.entries, to: weights) { try model.tensor($0, from: file) }
            var manifest = draft
            manifest.sha256 = try Digest.sha256(fileAt: weights)
            try CanonicalJSON.write(manifest, to: made.appending(path: Self.fileName))
        }
        let made = out.appending(path: Self.fileName)
        return Report(
            manifest: try EncoderManifest(contentsOf: made),
            file: made,
            alike: EncoderPreset.all.filter { model.hasShape(of: $0.architecture) },
            notes: notes
        )
    }

    /// Whether the file is one that the preset's makers published, as far as they say digests. People train on, and convert:
    /// another file is no fault.
    private var published: [String] {
        get throws {
            guard let preset = wishes.preset, !preset.published.isEmpty, folder.weights.pathExtension != "json" else {
                return []
            }
            let digest = try Digest.sha256(fileAt: folder.weights)
            guard let known = preset.published.first(where: { $0.matches(digest) }) else {
                let files = preset.published.map(\.file).joined(separator: ", ")
                return [
                    "\(folder.weights.lastPathComponent) is not one of the published files of \(preset.title) whose digests "
                        + "are known (\(files)): other weights, or the same ones in another file"
                ]
            }
            let length = known.sha256.count
            let proof = length < 64 ? "the first \(length) digits of their SHA-256" : "their SHA-256"
            return ["these are the published weights of \(preset.title): \(known.file) (\(known.source)), by \(proof)"]
        }
    }

    private func manifest(_ model: ImportedModel) throws -> ManifestDraft {
        let wanted = facts.preprocessing
        func say<Value>(_ value: Value?, _ what: String, _ wayOut: String) throws -> Value {
            guard let value else { throw Failure(.usage, folder.folder.path, "\(what) is not said here; \(wayOut)") }
            return value
        }
        let preset = "name the model with --as, or put its preprocessor_config.json here"
        return ManifestDraft(
            name: name,
            dim: model.architecture.dim,
            input: model.input,
            resize: wanted.resize,
            mean: try say(wanted.mean, "the mean of the channels", preset),
            std: try say(wanted.std, "the standard deviation of the channels", preset),
            interpolation: try say(wanted.interpolation, "how patches are resampled", preset),
            mpp: try say(
                wishes.mpp ?? wishes.preset?.mpp,
                "µm per pixel that the model was trained for",
                "give --mpp 0.5 or what its card says"
            ),
            licence: try say(
                wishes.licence ?? wishes.preset?.licence ?? folder.licence,
                "the licence",
                "give --licence and its name"
            ),
            source: wishes.preset?.source ?? folder.folder.standardizedFileURL.lastPathComponent,
            preset: wishes.preset?.name,
            architecture: model.architecture
        )
    }

    /// What the folder says otherwise than the preset that it is said to be.
    private var notes: [String] {
        guard let preset = wishes.preset else { return [] }
        var notes: [String] = []
        let (own, known) = (folder.facts.preprocessing, ModelFacts(preset).preprocessing)
        func compare<Value: Equatable>(_ what: String, _ key: KeyPath<PreprocessingFacts, Value?>) {
            guard let mine = own[keyPath: key], let theirs = known[keyPath: key], mine != theirs else { return }
            notes.append("the list says \(what) \(theirs) of \(preset.title), the folder \(mine); the list's is taken")
        }
        compare("input", \.input)
        compare("mean", \.mean)
        compare("std", \.std)
        compare("interpolation", \.interpolation)
        if let side = own.resize ?? own.input, let other = known.resize ?? known.input, own.input == known.input,
            side != other
        {
            func cut(_ side: Int) -> String {
                side == known.input ? "no cut of the middle" : "a resize to \(side) before it"
            }
            notes.append(
                "the list says \(cut(other)) for \(preset.title), the folder \(cut(side)); the list's is taken"
            )
        }
        // A gate is seen in the shapes.
        if let mine = folder.facts.mlp, let theirs = ModelFacts(preset).mlp, [.gelu, .quickGELU].contains(theirs),
            mine != theirs
        {
            let (list, own) = (theirs.rawValue, mine.rawValue)
            notes.append("the list says mlp \(list) of \(preset.title), the folder \(own); the folder's is taken")
        }
        if case .unverified(let reason) = preset.proof {
            notes.append("\(preset.title) is unverified: \(reason); compare its features with those of its own code")
        }
        return notes
    }
}

/// `encoder.json` as it is written.
struct ManifestDraft: Encodable {
    var name: String
    var dim: Int
    var input: Int
    var resize: Int?
    var mean: [Double]
    var std: [Double]
    var interpolation: EncoderManifest.Interpolation
    var mpp: Double
    var weights = "weights.safetensors"
    var sha256 = String(repeating: "0", count: 64)
    var licence: String
    var source: String
    var preset: String?
    var architecture: EncoderArchitecture

    /// Reads it back before gigabytes are written.
    func check(_ folder: URL) throws {
        do { _ = try JSONDecoder().decode(EncoderManifest.self, from: CanonicalJSON.data(self)) } catch let error
            as ConfigError
        {
            throw Failure(.usage, folder.path, "\(error.subject.map { "\($0): " } ?? "")\(error.message)")
        }
    }
}
