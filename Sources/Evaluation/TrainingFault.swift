public import Config
public import Records

/// What makes a training part one that nothing can be learned from: said before any work, and again of what is really there.
public enum TrainingFault {
    /// nil where there is none.
    /// - Parameter targets: of the training part; of one kind.
    public static func reason(_ kind: Target.Kind, _ targets: [Target], _ settings: TrainingConfig) -> String? {
        switch kind {
        case .class, .ordinal, .labels: return nil
        case .number:
            let numbers = targets.compactMap(\.number)
            let variance = moments(of: numbers).variance
            guard Set(numbers).count > 1, variance > 0, variance.isFinite else {
                return "all numbers of the training part are one; nothing can be learned from them"
            }
            return nil
        case .survival:
            switch bins(targets, settings) {
            case .success(let bins) where bins.count > 1: return nil
            case .success:
                return "the events of the training part are all at one time; intervals of time need two different"
            case .failure(let undefined): return undefined.reason
            }
        }
    }

    /// Intervals of time of a training part.
    public static func bins(_ targets: [Target], _ settings: TrainingConfig) -> Result<TimeBins, Undefined> {
        let times = targets.compactMap(\.survival)
        return TimeBins.fitted(
            times: times.map(\.time),
            events: times.map(\.isEvent),
            asked: settings.survivalBins ?? 4
        )
    }

    /// Of numbers their mean and the mean of the squares around it.
    public static func moments(of numbers: [Double]) -> (mean: Double, variance: Double) {
        let count = Double(numbers.count)
        let mean = numbers.reduce(0) { $0 + $1 / count }
        return (mean, numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count)
    }
}
