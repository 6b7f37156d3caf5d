/// What the table of metrics says of one: its names, how it is computed, which interval it gets and where it is shown.
public struct MetricRow: Sendable {
    /// Which of two values is the better one.
    public enum Direction: String, CaseIterable, Sendable { case higher, lower }

    public enum Interval: String, CaseIterable, Sendable {
        /// By resampling cases.
        case bootstrap
        /// DeLong's where one class stands against the rest and no case has more than one test, else the bootstrap's.
        case deLong = "DeLong"
        /// It says itself how sure it is.
        case none
    }

    public enum Place: CaseIterable, Sendable {
        /// The report page's first figure.
        case headline
        /// The page's first table.
        case figures
        /// More than two classes, and labels: of each of them, in `classes` of `metrics.json` and in a table of the page.
        case classes
        /// The page's table of probabilities as trained and after temperature scaling.
        case calibration
        /// Mean and sd over folds, repetitions and seeds, in `metrics.json` and on the page.
        case spread
        /// The page's list of what is not defined, or says too little.
        case reasons
        /// What `wsi evaluate` prints of the pooled test parts, and of each of more than two classes.
        case printed, printedClasses
    }

    typealias Value = @Sendable (WeightedSample) -> Double?
    /// Of the class with this index against the rest.
    typealias OfClass = @Sendable (WeightedSample, Int) -> Double?
    /// With the reason where there is none; nil for a sample of another kind.
    typealias Told = @Sendable (WeightedSample) -> Figure?
    /// At the time with this index.
    typealias AtTime = @Sendable (WeightedSample, Int) -> Figure?

    let title: String
    let direction: Direction
    let basis: Basis
    let places: [Place]
    let value: Value
    let ofClass: OfClass?
    private(set) var told: Told?
    private(set) var atTime: AtTime?
    private(set) var interval = Interval.bootstrap
    private var short: String?
    private var long: String?

    init(
        _ title: String,
        _ better: Direction,
        _ basis: Basis,
        _ places: [Place],
        _ value: @escaping Value,
        ofClass: OfClass? = nil
    ) {
        (self.title, direction, self.basis, self.places) = (title, better, basis, places)
        (self.value, self.ofClass) = (value, ofClass)
    }

    /// Of decisions for and against a class: with two classes, of class 1.
    init(_ title: String, _ better: Direction, _ places: [Place], _ ofClass: @escaping OfClass) {
        self.init(title, better, .positives, places, { ofClass($0, 1) }, ofClass: ofClass)
    }

    /// Of a target that is no class.
    init(_ title: String, _ better: Direction, _ basis: Basis, _ places: [Place], told: @escaping Told) {
        self.init(title, better, basis, places, { told($0)?.value })
        self.told = told
    }

    /// At each of some times.
    init(_ title: String, _ better: Direction, _ places: [Place], atTime: @escaping AtTime) {
        self.init(title, better, .survivalAtTimes, places, { _ in nil })
        self.atTime = atTime
    }

    /// A probability that has no interval.
    var withoutInterval: MetricRow {
        var row = self
        row.interval = .none
        return row
    }

    var withDeLongsInterval: MetricRow {
        var row = self
        row.interval = .deLong
        return row
    }

    /// - Parameters:
    ///   - column: a shorter name, for a narrow column.
    ///   - inFull: what the title abbreviates.
    func named(column: String? = nil, inFull: String? = nil) -> MetricRow {
        var row = self
        (row.short, row.long) = (column, inFull)
        return row
    }

    /// With a capital, for the begin of a row.
    var heading: String { Self.capitalised(title) }
    /// Of a column.
    var column: String { short ?? heading }
    var inFull: String { Self.capitalised(long ?? title) }

    private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
