/// A function of time that changes at some times only and has its new value from there on.
struct Steps: Codable, Equatable, Sendable {
    /// Ascending.
    private(set) var times: [Double] = []
    private(set) var values: [Double] = []

    mutating func append(_ time: Double, _ value: Double) {
        times.append(time)
        values.append(value)
    }

    /// Index of the last change up to `time`; nil before the first. O(log n).
    func index(at time: Double) -> Int? {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// - Parameter start: the value before the first change.
    func value(at time: Double, start: Double) -> Double { index(at: time).map { values[$0] } ?? start }
}
