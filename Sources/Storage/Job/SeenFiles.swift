import Files
public import Foundation
public import Records
import Synchronization

/// Quick digests of files that have not been touched since they were taken, by what the file system says of them: its size,
/// which file it is, when it was written and when its entry last changed. Programs can set back the time of writing, and not
/// that of change, on file systems that keep one.
///
/// A job of ten thousand slides has a hundred thousand results, which a command would read from end to end to find that there
/// is nothing to do. What a failing disk makes of a file that nobody touches is seen by `wsi verify` and with `--redo`, which
/// believe nothing of this, and by a stage before it makes something of the file.
public final class SeenFiles: Sendable {
    private struct Entry {
        var digest: String
        var sight: Sight
        var isAsked = false
    }

    /// Of one job.
    private struct Table {
        /// By name.
        var entries: [String: Entry] = [:]
        var hasNew = false
    }

    /// By the folder of the job.
    private let tables = Mutex<[URL: Table]>([:])
    /// Names the file of a part of the job's slides; commands that work on other parts write others.
    private let part: String
    private let readsAll: Bool

    /// - Parameters:
    ///   - shard: such as `3/100`; nil for all slides.
    ///   - readsAll: whether nothing is believed.
    public init(shard: String? = nil, readsAll: Bool = false) {
        part = shard?.replacing("/", with: "-") ?? "all"
        self.readsAll = readsAll
    }

    /// The quick digest of a file, which is read where it is not known.
    /// - Parameters:
    ///   - name: what it is known by: its path relative to the job; of a file outside of it its whole path.
    ///   - wanted: where another one is known, the file is read: that it differs is not said by hearsay.
    /// - Throws: as `Digest.quick`.
    public func digest(
        of file: URL,
        as name: String,
        in layout: JobLayout,
        wanted: String? = nil
    ) throws -> String {
        let before = Sight(file)
        if let known = known(name, before, in: layout), wanted == nil || wanted == known { return known }
        // Asked before the file is read: what changes from now on has another time then.
        let isSettled = before?.isSettled ?? false
        let digest = try Digest.quick(fileAt: file)
        if let before, isSettled, Sight(file) == before {
            tables.withLock { tables in
                tables[layout.root]?.entries[name] = Entry(digest: digest, sight: before, isAsked: true)
                tables[layout.root]?.hasNew = true
            }
        }
        return digest
    }

    private func known(_ name: String, _ sight: Sight?, in layout: JobLayout) -> String? {
        tables.withLock { tables in
            if tables[layout.root] == nil { tables[layout.root] = read(layout) }
            guard !readsAll, let entry = tables[layout.root]?.entries[name], entry.sight == sight else { return nil }
            tables[layout.root]?.entries[name]?.isAsked = true
            return entry.digest
        }
    }

    /// Writes what is new into the job, and forgets files that are gone. To lose it costs time alone: a full disk is said by
    /// the work itself.
    public func save() {
        tables.withLock { tables in
            for (root, table) in tables where table.hasNew {
                tables[root]?.hasNew = false
                try? AtomicFile.write(Self.text(table, in: root), to: file(JobLayout(root: root)))
            }
        }
    }

    private func file(_ layout: JobLayout) -> URL { layout.audit(.seen).appending(path: "\(part).tsv") }

    /// The last line is the digest of the others.
    private static func text(_ table: Table, in root: URL) -> Data {
        var text = Data()
        for (name, entry) in table.entries.sorted(by: { $0.key < $1.key }) {
            // A line has one name.
            let isLine = !name.utf8.contains { $0 < 0x20 }
            guard isLine, entry.isAsked || Sight(URL(filePath: name, relativeTo: root)) != nil else { continue }
            text += Data("\(entry.digest)\t\(entry.sight.line)\t\(name)\n".utf8)
        }
        return text + Data("\(Digest.sha256(text))\n".utf8)
    }

    /// A table that is not what was written is passed over.
    private func read(_ layout: JobLayout) -> Table {
        let wayOut = "remove it"
        guard let data = try? TextLimit.data(file(layout), upTo: TextLimit.program, wayOut: wayOut),
            case let body = data.dropLast(Self.sealLength), data.count >= Self.sealLength,
            Data("\(Digest.sha256(body))\n".utf8) == data.suffix(Self.sealLength)
        else { return Table() }
        var table = Table()
        for line in String(decoding: body, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 5)
            guard parts.count == 6, let digest = String(parts[0]), let path = String(parts[5]),
                let sight = Sight(parts[1..<5].map { Int64(Substring($0)) })
            else { continue }
            table.entries[path] = Entry(digest: digest, sight: sight)
        }
        return table
    }

    /// 64 digits and the end of the line.
    private static let sealLength = 65
}

/// What the file system says of a file, apart from its device: that is another one for each machine that mounts it.
private struct Sight: Equatable {
    var bytes: Int64
    /// Of the file on its device.
    var number: Int64
    /// In nanoseconds since 1970.
    var written: Int64
    var changed: Int64

    /// nil for what is no file.
    init?(_ file: URL) {
        guard let facts = FileFacts(file.path), facts.isRegular else { return nil }
        (bytes, number) = (Int64(facts.bytes), Int64(bitPattern: facts.number))
        (written, changed) = (facts.written, facts.changed)
    }

    /// The numbers of a line; nil where one is missing.
    init?(_ numbers: [Int64?]) {
        let known = numbers.compactMap(\.self)
        guard known.count == 4, numbers.count == 4 else { return nil }
        (bytes, number, written, changed) = (known[0], known[1], known[2], known[3])
    }

    var line: String { "\(bytes)\t\(number)\t\(written)\t\(changed)" }

    /// Seconds after which a change has another time, whatever the file system: some count in twos, and a server's clock may differ.
    private static let tick = 5.0

    /// Whether a change from now on would be told by its time.
    var isSettled: Bool { changed > 0 && Date().timeIntervalSince1970 - Double(changed) / 1e9 > Self.tick }
}
