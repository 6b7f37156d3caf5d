/// How far a stage is, told by its events, as a line for people.
public struct StageProgress: Equatable, Sendable {
    /// Its name.
    public private(set) var stage = ""
    public private(set) var units = 0
    /// Units that have ended, also before the stage began.
    public private(set) var done = 0
    /// Those that were done before.
    public private(set) var cached = 0
    /// Work inside units by what it is counted in, and how much of it there will be at most.
    private var amounts: [String: Int] = [:]
    private var planned: [String: Int] = [:]
    private var last = ""
    /// Slides on the way to the stage.
    private var copying: [String] = []

    public init() {}

    /// Whether there was nothing to do.
    public var wasDone: Bool { cached == units }

    public mutating func take(_ event: ProgressEvent) {
        switch event {
        case .began(let stage, let units, let done):
            self = StageProgress()
            (self.stage, self.units, self.done, cached) = (stage, units, done, done)
        case .planned(let amount, let what): planned[what] = amount
        case .advanced(let amount, let what): amounts[what, default: 0] += amount
        case .copying(let unit, let isDone):
            copying.removeAll { $0 == unit }
            if !isDone { copying.append(unit) }
        case .finished(let unit, _):
            done += 1
            last = unit
        case .spent, .loaded, .used, .refused, .note, .ended: break
        }
    }

    /// Share of the work that is left, told by what is planned inside units where that is known, else by units; nil before
    /// the first progress and after the last.
    public var left: Double? {
        guard done < units else { return nil }
        let fresh = Double(done - cached) / Double(units - cached)
        let share =
            planned.map { what, amount in Double(amounts[what] ?? 0) / Double(max(1, amount)) }.first ?? fresh
        return share > 0 && share < 1 ? 1 - share : nil
    }

    /// `features_uni: 3/40, 1200 patches (400/s), 0:37 left`
    /// - Parameter seconds: since the stage began.
    public func line(after seconds: Double) -> String {
        var text = "\(stage): \(done)/\(units)"
        for (what, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            let share = planned[what].map { "/\($0)" } ?? ""
            text += ", \(amount)\(share) \(what) (\(Int(Double(amount) / max(seconds, 0.001)))/s)"
        }
        if !copying.isEmpty { text += ", copying \(copying.shortened)" }
        if !last.isEmpty, !planned.isEmpty { text += ", \(last) done" }
        if let left { text += ", \(Throughput.clock(seconds * left / (1 - left))) left" }
        return text
    }
}
