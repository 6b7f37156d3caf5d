import Files
extension Decision {
    /// What a reader has drawn, in level-0 pixels: a point, a rectangle where it has a size, a closed outline where it has points.
    public struct Mark: Codable, Equatable, Sendable {
        public var x: Double
        public var y: Double
        public var width: Double?
        public var height: Double?
        /// `[x, y]` each, of a polygon or what was drawn by hand; x, y and size are then those of its box.
        public var points: [[Double]]?
        public var note: String?
        public var className: String?

        enum CodingKeys: String, CodingKey {
            case x, y, width, height, points, note
            case className = "class"
        }

        public init(
            x: Double,
            y: Double,
            width: Double? = nil,
            height: Double? = nil,
            points: [[Double]]? = nil,
            note: String? = nil,
            className: String? = nil
        ) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
            self.points = points
            self.note = note
            self.className = className
        }

        /// The corners of its outline; nil for a point.
        var outline: [(x: Double, y: Double)]? {
            if let points { return points.map { ($0[0], $0[1]) } }
            guard let width, let height else { return nil }
            return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        }

        /// With the box that its points have.
        var boxed: Mark {
            guard let points else { return self }
            var mark = self
            let (across, down) = (points.map { $0[0] }, points.map { $0[1] })
            (mark.x, mark.y) = (across.min() ?? x, down.min() ?? y)
            (mark.width, mark.height) = ((across.max() ?? x) - mark.x, (down.max() ?? y) - mark.y)
            return mark
        }

        var isInRange: Bool {
            let numbers = [x, y, width ?? 0, height ?? 0] + (points ?? []).flatMap { $0 }
            return numbers.allSatisfy { $0.isFinite && abs($0) <= 1e10 } && (width == nil) == (height == nil)
                && width ?? 1 > 0 && height ?? 1 > 0 && note?.utf8.count ?? 0 <= 2000
                && (points.map { (3...2000).contains($0.count) && $0.allSatisfy { $0.count == 2 } } ?? true)
        }
    }
}
