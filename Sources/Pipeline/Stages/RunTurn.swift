import Files
import Foundation
import Records
import Storage

/// One whole run of a study at a time on a host: two would do the same work twice. Nothing depends on it, so a run that is begun
/// on another host, whose processes cannot be seen, is named and no hindrance.
enum RunTurn {
    private static let name = "run"

    /// - Parameters:
    ///   - waits: whether to wait until runs that were first have ended.
    ///   - pause: between two looks at them.
    /// - Returns: the turn, to be held while the run lasts; nil where the file system has no room for one.
    /// - Throws: `Failure` with `.busy` (exit 75) where another run was first and this one does not wait.
    static func take(
        in layout: JobLayout,
        waits: Bool,
        pause: Duration = .milliseconds(250),
        by process: ProcessMark = .own(),
        _ progress: ProgressSink
    ) async throws -> Turn? {
        let turn: Turn
        do { turn = try Turn.take(name, by: process, in: layout) } catch let error as StorageError {
            progress(.note("warning: runs on one job at once are not told from each other: \(error)"))
            return nil
        }
        for other in try turn.earlier() where other.sight != .here {
            progress(.note("\(words(other)) and has not ended, or was killed; this run goes on beside it"))
            if other.sight == .silent { turn.remove(other) }
        }
        var awaited: Int?
        while let other = try await first(before: turn, pause) {
            guard waits else {
                turn.end()
                throw Failure(
                    .busy,
                    layout.root.path,
                    "\(words(other)) and is at work; --wait goes on when it has ended, kill \(other.record.process.number) stops it"
                )
            }
            if awaited != other.number {
                progress(.note("\(words(other)) and is at work; waiting for its end"))
                awaited = other.number
            }
            try await Task.sleep(for: pause)
        }
        if awaited != nil { progress(.note("the other run has ended; going on")) }
        return turn
    }

    /// A run of this host that was first; one that only gives its number back is gone after a pause.
    private static func first(before turn: Turn, _ pause: Duration) async throws -> Turn.Other? {
        func look() throws -> Turn.Other? { try turn.earlier().first { $0.sight == .here } }
        guard try look() != nil else { return nil }
        try await Task.sleep(for: pause)
        return try look()
    }

    private static func words(_ other: Turn.Other) -> String {
        let (record, process) = (other.record, other.record.process)
        let place = other.sight == .here ? "" : " of \(process.host)"
        return "process \(process.number)\(place) has begun a run on this job at \(record.began) (\(record.command))"
    }
}
