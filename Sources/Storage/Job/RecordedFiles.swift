public import Files
public import Foundation
public import Records

/// How closely a file is compared with what is on record of it.
public enum Scrutiny: Sendable {
    /// That it is there and has so many bytes.
    case size
    /// Its quick digest too (`Digest.quick`).
    case digest
    /// As `digest`, where the file was touched since it was last compared.
    case touched(SeenFiles, in: JobLayout)
}

/// A file that is not as an outcome has it on record.
public struct Damage: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case gone
        case size(Int, recorded: Int)
        case content
        /// With what the system says.
        case unreadable(String)
    }

    /// Relative to the job.
    public var path: String
    public var kind: Kind

    public init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// That the right to read it is missing, or that it is not what was written.
    public var code: ErrorCode { if case .unreadable = kind { .access } else { .digest } }

    /// What a command has to be told so that it looks at the content of a file that seems untouched (`SeenFiles`), with a blank
    /// before it; empty where it sees by itself what has become of it.
    public var redo: String { kind == .content ? " --redo" : "" }

    /// `…/S1.h5 is gone`
    public var text: String {
        switch kind {
        case .gone: "\(path) is gone"
        case .size(let bytes, let recorded): "\(path) has \(bytes) bytes, of \(recorded) that were written"
        case .content: "\(path) is not what was written"
        case .unreadable(let reason): "\(path) cannot be read (\(reason))"
        }
    }
}

extension Damage {
    /// Compares a file with its record.
    /// - Parameters:
    ///   - path: what the file is called in messages.
    ///   - file: its place.
    ///   - size: recorded bytes; nil where they are not known.
    ///   - digest: recorded quick digest.
    /// - Returns: nil where the file is as it was.
    /// - Throws: `StorageError` where a disk fails, which says nothing of the file.
    public static func find(
        _ path: String,
        at file: String,
        size: Int?,
        digest: String,
        _ scrutiny: Scrutiny
    ) throws -> Damage? {
        switch RegularFile.kind(of: file) {
        case .none(let code):
            let error = StorageError.system(path: file, call: "look", errno: code)
            if error.code.isOfMachine { throw error }
            return Damage(path, error.code == .notFound ? .gone : .unreadable(error.message))
        case .folder, .other: return Damage(path, .gone)
        case .regular(let bytes):
            if let size, bytes != size { return Damage(path, .size(bytes, recorded: size)) }
        }
        let url = URL(filePath: file)
        do {
            let found: String
            switch scrutiny {
            case .size: return nil
            case .digest: found = try Digest.quick(fileAt: url)
            case .touched(let seen, let layout): found = try seen.digest(of: url, as: path, in: layout, wanted: digest)
            }
            return found == digest ? nil : Damage(path, .content)
        } catch let error as StorageError where [.notFound, .access].contains(error.code) {
            return Damage(path, .unreadable(error.message))
        }
    }
}

extension Outcome {
    /// Takes files of a job as outputs, with their sizes and quick digests.
    public mutating func record(_ files: [URL], in layout: JobLayout) throws {
        var (known, bytes) = (outputs, sizes ?? [:])
        for url in files {
            let path = layout.path(of: url)
            known[path] = try Digest.quick(fileAt: url)
            bytes[path] = try RegularFile.size(url)
        }
        (outputs, sizes) = (known, bytes)
    }

    /// The first output, by name, that is no longer as it is on record; nil where all are.
    /// - Parameter isRead: the outputs that are looked at, by their path relative to the job.
    /// - Throws: as `Damage.find`.
    public func damage(
        in layout: JobLayout,
        _ scrutiny: Scrutiny = .digest,
        of isRead: (String) -> Bool = { _ in true }
    ) throws -> Damage? {
        let root = layout.root.path
        for (path, digest) in outputs.sorted(by: { $0.key < $1.key }) where isRead(path) {
            let file = path.hasPrefix("/") ? path : "\(root)/\(path)"
            let damage = try Damage.find(path, at: file, size: sizes?[path], digest: digest, scrutiny)
            if let damage { return damage }
        }
        return nil
    }
}

extension Outcome {
    /// Whether every output is there with its recorded size: `damage` then finds none by `Scrutiny.size`. False where that is not
    /// told at once, such as of outcomes of earlier versions.
    /// - Parameter job: the folder of the job.
    public func isThere(in job: OpenFolder) -> Bool {
        outputs.keys.allSatisfy { path in
            sizes?[path].map { job.kind(of: path) == .regular(bytes: $0) } ?? false
        }
    }

    /// - Throws: `Failure` with `.digest` for the first output that is no longer as it is on record, with what makes it again;
    ///   `.access` for one that may not be read.
    public func check(in layout: JobLayout, of isRead: (String) -> Bool = { _ in true }) throws {
        guard let damage = try damage(in: layout, of: isRead) else { return }
        throw Failure(damage.code, unit.text, "\(damage.text); \(remedy(for: damage, in: layout))")
    }
}

extension Outcome {
    /// What a person can do about an output.
    public func remedy(for damage: Damage, in layout: JobLayout) -> String {
        damage.code == .access
            ? "give this user the right to read it" : "run \(layout.command(of: stage))\(damage.redo)"
    }
}

extension JobLayout {
    /// What is on record of a unit in a stage; nil where that is nothing, or a file that is damaged.
    /// - Throws: `StorageError` where the file is there and the machine does not give it: that is no missing record.
    public func record(of slide: SlideID, stage: StageName) throws(StorageError) -> Outcome? {
        try record(of: UnitID(slide), stage: stage)
    }

    /// As of a slide.
    public func record(of unit: UnitID, stage: StageName) throws(StorageError) -> Outcome? {
        try Outcome.readUndamaged(outcome(stage: stage, unit))
    }

    /// Relative to the job, where the file lies in it.
    func path(of url: URL) -> String {
        let prefix = root.standardizedFileURL.path + "/"
        let path = url.standardizedFileURL.path
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}
