import Records

/// Memory for the features of all folds that are trained at once: what fits stays, the rest is read ahead in every epoch.
public struct BagMemory: Sendable, Equatable {
    /// Bytes; nil takes half of what the process may use beside the folds themselves.
    private var given: Int?

    /// More is of use only where it is asked for.
    private static let mostPerFold = 4 << 30

    public init() {}

    /// - Parameter text: such as `20G`.
    /// - Throws: `Failure` (usage) for what is no size.
    public init(_ text: String) throws {
        guard let size = ByteSize(text) else {
            throw Failure(
                .usage,
                nil,
                "--bag-memory \(ShownText.line(text, limit: 40)): a size such as 20G or 500M is wanted"
            )
        }
        given = size.bytes
    }

    /// Bytes for each of so many folds.
    func perFold(of folds: Int, share: MachineShare = MachineShare()) -> Int {
        let folds = max(1, folds)
        if let given { return given / folds }
        guard let limit = share.leastMemory else { return Self.mostPerFold }
        // What a fold has beside its features is not theirs.
        let free = max(0, limit.value / Double(folds) - Double(WorkerRoom.perWorker))
        return min(Self.mostPerFold, (free / 2).whole)
    }
}
