import Records

/// How many processes work beside each other, and what each may have.
///
/// Where memory runs out the system kills some process: a slide would fail for no fault of its own, or the whole job would end. So
/// no more are started than fit.
public struct WorkerRoom: Sendable {
    public private(set) var workers: Int
    /// Workers beside them that only wait, for which there is memory.
    public private(set) var waiting: Int
    /// Address space of one in bytes.
    public private(set) var memory: Int
    /// What was wanted and is not given, and why.
    public private(set) var notes: [String] = []

    /// What a worker of a large slide has been seen to have in memory, with room, and what a `wsi-compute` has before its first
    /// bag. Address space is more than that, most of which is never touched.
    static let perWorker = 400 << 20
    /// For the command and one worker.
    static let least = 512 << 20
    private static let usualSpace = 2 << 30
    /// With less some libraries find no room even where they use little.
    private static let leastSpace = 1 << 30

    /// What may be used in all; nil where the system tells nothing.
    private let limit: MachineShare.Limit?

    /// - Parameters:
    ///   - workers: that were asked for; nil takes as many as there are cores to use.
    ///   - memory: address space that was asked for; nil takes the usual, or what may be used where that is less.
    /// - Throws: `Failure` (`.limit`) where not one fits.
    public init(workers: Int?, memory: Int?, share: MachineShare) throws {
        self.workers = workers ?? share.coreCount
        waiting = self.workers
        self.memory = memory ?? Self.usualSpace
        limit = share.leastMemory
        guard let limit else { return }
        let bytes = limit.value.whole
        guard bytes >= Self.least else {
            throw Failure(
                .limit,
                limit.origin,
                "\(ByteSize.text(bytes)) of memory may be used, and \(ByteSize.text(Self.least)) are the least for one worker; "
                    + "ask for more"
            )
        }
        if memory == nil { self.memory = min(self.memory, max(bytes, Self.leastSpace)) }
        fit(bytes, limit, workers.map { "--workers \($0)" } ?? "\(self.workers) cores")
    }

    /// The same beside a process that takes memory of its own: fewer workers where all do not fit, but one always.
    /// - Parameters:
    ///   - bytes: of that process.
    ///   - name: of what it takes them for, in a sentence.
    /// - Returns: with the notes of this alone.
    func beside(_ bytes: Int, _ name: String) -> WorkerRoom {
        var room = self
        room.notes = []
        guard let limit else { return room }
        let left = limit.value.whole - min(bytes, limit.value.whole)
        if left < room.need {
            room.notes.append(
                "warning: \(ByteSize.text(bytes)) may go to \(name), which leaves too little for a worker of the "
                    + "\(ByteSize.text(limit.value.whole)) that may be used (\(limit.origin)); ask for more, or name fewer devices"
            )
        }
        room.fit(left, limit, "\(workers)", also: "; \(ByteSize.text(bytes)) may go to \(name)")
        return room
    }

    private var need: Int { min(memory, Self.perWorker) }

    /// - Parameters:
    ///   - bytes: for the workers.
    ///   - wanted: what was asked for, in words.
    ///   - others: that take memory as well, in words.
    private mutating func fit(_ bytes: Int, _ limit: MachineShare.Limit, _ wanted: String, also others: String = "") {
        let fitting = max(1, bytes / need)
        waiting = min(workers, max(0, fitting - workers))
        guard fitting < workers else { return }
        workers = fitting
        notes.append(
            "\(fitting) worker\(fitting == 1 ? "" : "s") for \(wanted): \(ByteSize.text(limit.value.whole)) of memory may be used "
                + "(\(limit.origin)), and one may take \(ByteSize.text(need))\(others)"
        )
    }
}
