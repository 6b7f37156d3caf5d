import Dispatch
import Records
import Synchronization

/// The records of stages, of which those of the next ones are read while one judges those of the first.
final class RecordsAhead: Sendable {
    private let found = Mutex<[StageName: Result<[OutcomeBrief], any Error>]>([:])
    private let ends: [StageName: DispatchGroup]

    /// - Parameters:
    ///   - stages: in the order in which they are read.
    ///   - read: sorted by unit.
    init(_ stages: [StageName], read: @escaping @Sendable (StageName) throws -> [OutcomeBrief]) {
        ends = Dictionary(stages.map { ($0, DispatchGroup()) }, uniquingKeysWith: { first, _ in first })
        ends.values.forEach { $0.enter() }
        DispatchQueue.global().async { [self] in
            for (stage, end) in stages.compactMap({ stage in ends[stage].map { (stage, $0) } }) {
                let records = Result { try read(stage) }
                found.withLock { $0[stage] = records }
                end.leave()
            }
        }
    }

    /// Waits for the records of a stage, which are held no longer then.
    /// - Returns: nil where the stage is none of these, or they were taken before.
    /// - Throws: what `read` has thrown.
    func take(_ stage: StageName) throws -> [OutcomeBrief]? {
        guard let end = ends[stage] else { return nil }
        end.wait()
        return try found.withLock { $0.removeValue(forKey: stage) }?.get()
    }
}
