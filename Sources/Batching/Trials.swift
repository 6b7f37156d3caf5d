/// Patches that a device was computing when it was lost, one of which may be the cause. Those of one slide at a time are tried again,
/// alone on their device: what costs a second one is to blame, and no third is tried with it. As `BatchQueue` it knows no pixels,
/// threads or clocks.
public struct Trials: Sendable {
    public struct Trial: Equatable, Sendable {
        public var network: Int
        public var piece: BatchQueue.Piece
        /// The device that was lost with them.
        public var cost: String

        public init(network: Int, piece: BatchQueue.Piece, cost: String) {
            (self.network, self.piece, self.cost) = (network, piece, cost)
        }
    }

    /// What a device that is free is to do.
    public enum Turn: Equatable, Sendable {
        case trial(Trial)
        /// Nothing, until a batch of its own has ended.
        case stand
        /// What it does otherwise.
        case free
    }

    private var waiting: [Trial] = []
    /// The device that one is tried on, and its slide.
    private var tried: (device: Int, slide: Int)?
    /// Batches that each device computes.
    private var batches: [Int]

    public init(devices: Int) { batches = Array(repeating: 0, count: devices) }

    /// None of whose other patches are to be computed meanwhile.
    public var slides: Set<Int> { Set(waiting.map(\.piece.slide) + [tried?.slide].compactMap(\.self)) }

    /// - Parameter size: patches of the device's batches.
    /// - Returns: `.trial` where it computes nothing else; that is to be begun.
    public mutating func turn(of device: Int, _ size: Int) -> Turn {
        if tried?.device == device { return .stand }
        guard tried == nil, var trial = waiting.first else { return .free }
        guard batches[device] == 0 else { return .stand }
        let rows = trial.piece.rows
        let cut = min(rows.upperBound, rows.lowerBound + size)
        trial.piece.rows = rows.lowerBound..<cut
        if cut < rows.upperBound { waiting[0].piece.rows = cut..<rows.upperBound } else { waiting.removeFirst() }
        tried = (device, trial.piece.slide)
        return .trial(trial)
    }

    /// A device begins with a batch.
    public mutating func begin(_ device: Int) { batches[device] += 1 }

    /// It has ended; a trial is over with it.
    public mutating func end(_ device: Int) {
        batches[device] -= 1
        if tried?.device == device { tried = nil }
    }

    /// Patches that were on a device when it was lost.
    public mutating func add(_ pieces: [BatchQueue.Piece], network: Int, cost: String) {
        var trials: [Trial] = []
        for piece in pieces {
            let before = trials.firstIndex {
                $0.piece.slide == piece.slide && $0.piece.rows.upperBound == piece.rows.lowerBound
            }
            if let before {
                trials[before].piece.rows = trials[before].piece.rows.lowerBound..<piece.rows.upperBound
            } else {
                trials.append(Trial(network: network, piece: piece, cost: cost))
            }
        }
        waiting += trials
    }

    /// A trial that decided nothing, before all others.
    public mutating func putBack(_ trial: Trial) { waiting.insert(trial, at: 0) }

    /// Forgets what waits of a slide.
    public mutating func drop(_ slide: Int) { waiting.removeAll { $0.piece.slide == slide } }
}
