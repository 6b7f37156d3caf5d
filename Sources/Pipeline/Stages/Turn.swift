import Files
import Foundation
import Records
import Storage
import Synchronization

/// A process's place in the order of those that are at work on something of a job: `JOB/audit/turns/<what>/000001.json`, which
/// is there as long as the work goes on.
///
/// Of two processes at least one sees the other, and both agree on who was first. A number is given once (link(2) decides) and
/// looked at only after that. Let P be the later one of the two to get its number: then Q's is there. If Q's is lower, P sees
/// that Q was first. If it is higher, P came late, because numbers below it became free meanwhile, and gives its number back
/// for one above all others. So of two that stand in each other's way never both go on, and none waits for one that waits for it.
///
/// This is no lock: whatever a stage does is compared with what is there when it is recorded, too.
final class Turn: Sendable {
    let number: Int
    private let folder: URL
    private let record: Record
    private let isOpen = Mutex(true)
    private let pulse: Task<Void, Never>

    /// What a turn's file says.
    struct Record: Codable, Equatable, Sendable {
        var process: ProcessMark
        /// UTC, as in `RunRecord`.
        var began: String
        var command: String
        /// With what it works; nil of whole runs.
        var claim: StageClaim?
        /// Whether it has found that it may go on, and does; till then it may yet give its turn back.
        var isAtWork: Bool?
    }

    /// How much of a process can be seen.
    enum Sight: Sendable {
        /// It lives on this host.
        case here
        /// It is another host's, and was at work within the last minutes.
        case elsewhere
        /// It is another host's, and may have been killed.
        case silent
    }

    struct Other: Sendable {
        var number: Int
        var record: Record
        var sight: Sight
    }

    /// A turn's file is touched this often, so that other hosts see that its process lives.
    private static let beat = Duration.seconds(30)
    /// Longer than this without is silence.
    private static let patience: Int64 = 300_000_000_000

    /// Takes the next turn.
    /// - Throws: `StorageError`, also of a file system without hard links.
    static func take(
        _ what: String,
        claim: StageClaim? = nil,
        by process: ProcessMark = .own(),
        in layout: JobLayout
    ) throws -> Turn {
        let folder = folder(what, layout)
        let record = Record(process: process, began: RunRecord.now(), command: command, claim: claim)
        let data = try CanonicalJSON.data(record)
        var number = 0
        while true {
            number = max(number, try numbers(in: folder).last ?? 0) + 1
            guard try AtomicFile.create(data, at: file(number, in: folder)) else { continue }
            do {
                if try numbers(in: folder).last == number { return Turn(number, record, folder) }
            } catch {
                unlink(file(number, in: folder).path)
                throw error
            }
            unlink(file(number, in: folder).path)
        }
    }

    private init(_ number: Int, _ record: Record, _ folder: URL) {
        (self.number, self.record, self.folder) = (number, record, folder)
        let path = Self.file(number, in: folder).path
        Self.open.withLock { _ = $0.insert(path) }
        pulse = Task.detached {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.beat)
                utimes(path, nil)
            }
        }
    }

    deinit { end() }

    /// Says that the process goes on.
    func begin() throws {
        var record = record
        record.isAtWork = true
        try CanonicalJSON.write(record, to: Self.file(number, in: folder))
    }

    /// Gives the turn back.
    func end() {
        let wasOpen = isOpen.withLock { open in
            defer { open = false }
            return open
        }
        guard wasOpen else { return }
        pulse.cancel()
        let file = Self.file(number, in: folder)
        // Another host that heard nothing of this process for long may have taken it for dead, and given the number away.
        if (try? CanonicalJSON.read(Record.self, from: file))?.process == record.process { unlink(file.path) }
        Self.open.withLock { _ = $0.remove(file.path) }
    }

    private static let open = Mutex<Set<String>>([])

    /// For a process that is about to exit.
    static func endAll() {
        open.withLock { paths in
            for path in paths { unlink(path) }
            paths = []
        }
    }

    /// Those that were first and are at work, as far as can be seen. What killed processes have left is removed: no number below
    /// this turn's is given again while it lasts.
    /// - Throws: `StorageError` where the turns cannot be looked at: that is not nobody at work.
    func earlier() throws -> [Other] {
        try Self.numbers(in: folder).filter { $0 < number }.compactMap { earlier in
            let file = Self.file(earlier, in: folder)
            guard let record = try? CanonicalJSON.read(Record.self, from: file) else { return nil }
            if record.process.isAlive == false { unlink(file.path) }
            return Self.other(earlier, record, in: folder, now: written)
        }
    }

    /// All that are at work.
    /// - Throws: as `earlier()`.
    static func others(_ what: String, in layout: JobLayout) throws -> [Other] {
        let folder = folder(what, layout)
        let now = Int64(Date().timeIntervalSince1970 * 1e9)
        return try numbers(in: folder).compactMap { number in
            let record = try? CanonicalJSON.read(Record.self, from: file(number, in: folder))
            return record.flatMap { other(number, $0, in: folder, now: now) }
        }
    }

    /// Removes an earlier turn that nobody will end.
    func remove(_ other: Other) {
        if other.number < number { unlink(Self.file(other.number, in: folder).path) }
    }

    /// - Parameter now: by the clock of the file system, where that can be told, since hosts differ in theirs.
    private static func other(_ number: Int, _ record: Record, in folder: URL, now: Int64?) -> Other? {
        switch record.process.isAlive {
        case true?: return Other(number: number, record: record, sight: .here)
        case false?: return nil
        case nil:
            guard let now, let last = FileFacts(file(number, in: folder).path)?.written else { return nil }
            return Other(number: number, record: record, sight: now - last > patience ? .silent : .elsewhere)
        }
    }

    /// When this turn's file was touched last; it is touched now, so that this tells the time.
    private var written: Int64? {
        let path = Self.file(number, in: folder).path
        utimes(path, nil)
        return FileFacts(path)?.written
    }

    private static func folder(_ what: String, _ layout: JobLayout) -> URL {
        layout.audit(.turns).appending(path: what)
    }

    private static func file(_ number: Int, in folder: URL) -> URL {
        let digits = "\(number)"
        return folder.appending(path: "\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).json")
    }

    private static func numbers(in folder: URL) throws -> [Int] {
        try FolderWalk.names(in: folder).compactMap { $0.hasSuffix(".json") ? Int($0.dropLast(5)) : nil }
            .filter { (1...999_999_999).contains($0) }.sorted()
    }

    /// How the process was called.
    private static var command: String {
        let words = StageCommandLine.shown(CommandLine.arguments.dropFirst()).map { $0.contains(" ") ? "'\($0)'" : $0 }
        return String((["wsi"] + words).joined(separator: " ").prefix(500))
    }
}
