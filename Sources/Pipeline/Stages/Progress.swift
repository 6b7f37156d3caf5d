public import Messages
public import Records

/// What a stage tells while it works; the executable shows it.
public enum ProgressEvent: Sendable {
    /// A stage begins: its name, how many units it has and how many of them are already done.
    case began(stage: String, units: Int, done: Int)
    /// How much work inside units there will be at most, once it is known.
    case planned(amount: Int, of: String)
    /// Work inside units: patches, epochs.
    case advanced(amount: Int, of: String)
    /// A worker ended: where its seconds went, and the most resident bytes it had.
    case spent(WorkTimes, peakMemory: Int)
    /// The encoders of a process are loaded.
    case loaded(seconds: Double)
    /// How the devices of that process were used so far.
    case used([DeviceUse])
    /// A slide is being copied to the stage, or no longer is.
    case copying(unit: String, isDone: Bool)
    /// A unit ended.
    case finished(unit: String, failure: Failure?)
    /// What a stage does not begin with, or why a run stops; one event for each reason.
    case refused(Failure)
    /// A line worth reading.
    case note(String)
    case ended(StageReport)
}

public typealias ProgressSink = @Sendable (ProgressEvent) -> Void

extension [String] {
    /// The first five, for a line that is to be read.
    var shortened: String { prefix(5).joined(separator: ", ") + (count > 5 ? ", …" : "") }
}
