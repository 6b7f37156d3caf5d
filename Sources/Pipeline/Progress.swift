public import Records

/// What a stage tells while it works; the executable shows it.
public enum ProgressEvent: Sendable {
    /// A stage begins: its name, how many units it has and how many of them are already done.
    case began(stage: String, units: Int, done: Int)
    /// Work inside units: patches, epochs.
    case advanced(amount: Int, of: String)
    /// A unit ended.
    case finished(unit: String, failure: Failure?)
    /// A line worth reading.
    case note(String)
    case ended(StageReport)
}

public typealias ProgressSink = @Sendable (ProgressEvent) -> Void
