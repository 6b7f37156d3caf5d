/// Which patches make up the next batch: those of many slides, in the order in which they came. It knows no pixels, threads or clocks,
/// so that a virtual clock can drive it.
public struct BatchQueue: Sendable {
    /// Patches of one slide that follow each other.
    public struct Piece: Equatable, Sendable {
        public var slide: Int
        /// Counted from the first that the slide sent.
        public var rows: Range<Int>

        public init(slide: Int, rows: Range<Int>) { (self.slide, self.rows) = (slide, rows) }
    }

    /// What a device that is free is to do.
    public enum Turn: Equatable, Sendable {
        case batch([Piece])
        /// Until more patches come or a slide ends; with a time: at most until then.
        case wait(until: Duration?)
    }

    /// How long patches wait for others to fill their batch, while a slide may still send some.
    private let linger: Duration
    /// Patches beyond which no more are taken in.
    private let room: Int
    /// With the time at which they came; those before `head` are gone.
    private var waiting: [(piece: Piece, came: Duration)] = []
    private var head = 0
    private var sending: Set<Int> = []
    /// Patches that wait.
    public private(set) var count = 0

    public init(linger: Duration, room: Int) { (self.linger, self.room) = (linger, room) }

    public var hasRoom: Bool { count < room }

    /// When the oldest waiting patch came.
    public var oldest: Duration? { head < waiting.count ? waiting[head].came : nil }

    /// The slide may send patches from now on.
    public mutating func begin(_ slide: Int) { sending.insert(slide) }

    /// The slide sends no more.
    public mutating func end(_ slide: Int) { sending.remove(slide) }

    public mutating func add(_ piece: Piece, at now: Duration) {
        waiting.append((piece, now))
        count += piece.rows.count
    }

    /// Patches that were taken and not computed, before all others and in their order.
    public mutating func putBack(_ pieces: [Piece]) {
        waiting.replaceSubrange(..<head, with: pieces.map { ($0, .zero) })
        head = 0
        count += pieces.reduce(0) { $0 + $1.rows.count }
    }

    /// Forgets what waits of a slide.
    public mutating func drop(_ slide: Int) {
        end(slide)
        waiting = waiting[head...].filter { $0.piece.slide != slide }
        head = 0
        count = waiting.reduce(0) { $0 + $1.piece.rows.count }
    }

    /// The next batch: `size` patches, or fewer where no slide can send more or the oldest has waited long enough.
    /// - Parameter held: slides whose patches go on waiting.
    public mutating func take(_ size: Int, at now: Duration, without held: Set<Int>) -> Turn {
        let kept = held.isEmpty ? [] : waiting[head...].filter { held.contains($0.piece.slide) }
        guard !kept.isEmpty else { return take(size, at: now) }
        let patches = kept.reduce(0) { $0 + $1.piece.rows.count }
        waiting = waiting[head...].filter { !held.contains($0.piece.slide) }
        (head, count) = (0, count - patches)
        defer {
            waiting.replaceSubrange(..<head, with: kept)
            (head, count) = (0, count + patches)
        }
        return take(size, at: now)
    }

    /// As above, of all slides.
    public mutating func take(_ size: Int, at now: Duration) -> Turn {
        guard let oldest else { return .wait(until: nil) }
        if count < size, !sending.isEmpty, now < oldest + linger { return .wait(until: oldest + linger) }
        var (pieces, room): ([Piece], Int) = ([], size)
        while room > 0, head < waiting.count {
            let piece = waiting[head].piece
            let cut = min(piece.rows.upperBound, piece.rows.lowerBound + room)
            pieces.append(Piece(slide: piece.slide, rows: piece.rows.lowerBound..<cut))
            room -= cut - piece.rows.lowerBound
            if cut < piece.rows.upperBound {
                waiting[head].piece.rows = cut..<piece.rows.upperBound
            } else {
                head += 1
            }
        }
        count -= size - room
        if head > 64, head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return .batch(pieces)
    }
}
