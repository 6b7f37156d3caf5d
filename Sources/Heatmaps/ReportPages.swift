/// Where a report's pictures stand, so that its first page of A4 is full: the map, beside or above the panel where both have
/// room. Facts follow and fill what is left; the other pictures come last.
public struct ReportPages {
    public enum Arrangement: Equatable, Sendable {
        /// Wide: map and panel, each across the page.
        case stacked
        /// About square: the map alone fills a page.
        case single
        /// Tall: map and panel beside each other.
        case beside

        /// - Parameter aspect: width by height of the map's sheet.
        public init(aspect: Double) { self = aspect < 0.8 ? .beside : aspect < 1.25 ? .single : .stacked }

        /// The shape of a panel that fits in, width by height.
        public func panelAspect(mapAspect: Double) -> Double {
            switch self {
            case .single: 1.414
            case .beside: mapAspect
            case .stacked: min(max(ReportPages.width / (ReportPages.room - ReportPages.width / mapAspect), 1.2), 3)
            }
        }
    }

    /// Of A4 without its margins, in mm.
    private static let width = 182.0
    /// What a usual heading leaves of the page's height for pictures with their captions.
    private static let room = 205.0
    /// Of a row of pictures with its caption; the style has it too.
    private static let leastHeight = 60.0
    private static let gap = 3.0
    /// A caption of two lines.
    private static let caption = 9.0

    private let rows: [[SlideReport.Picture]]
    private let rest: [SlideReport.Picture]

    /// - Parameter taken: of the page's height by what readers have said, in mm.
    init(_ pictures: [SlideReport.Picture], taken: Double) {
        let (map, panel) = (pictures.prefix(1), pictures.dropFirst().prefix(1))
        let arrangement = map.first.map { Arrangement(aspect: $0.aspect) } ?? .single
        let rows =
            switch arrangement {
            case .stacked: Self.room - taken < 2 * Self.leastHeight ? [Array(map)] : [Array(map), Array(panel)]
            case .single: [Array(map)]
            case .beside: [Array(map + panel)]
            }
        self.rows = rows.filter { !$0.isEmpty }
        rest = Array(pictures.dropFirst(rows.joined().count))
    }

    /// The heading and the pictures under it. In print a row takes the page's width, or less where the heading is so long that
    /// it would not fit; the map shrinks last.
    func first(under head: String) -> String {
        let heights = rows.map { row in
            let width = Self.width - Self.gap * Double(row.count - 1)
            return Int((width / row.reduce(0) { $0 + $1.aspect } + Self.caption).rounded(.up))
        }
        let figures = zip(rows, heights).map { row, height in
            "<div class=\"row\" style=\"flex-basis:\(height)mm;min-height:min(60mm,\(height)mm)\">"
                + "\(row.map(figure).joined())</div>\n"
        }
        return "<div class=\"first\"><div>\(head)</div>\n\(figures.joined())</div>\n"
    }

    var further: String { rest.map(figure).joined() }

    private func figure(_ picture: SlideReport.Picture) -> String {
        let share = Int((picture.aspect * 1000).rounded())
        return """
            <figure style="flex:\(share) \(share) 0"><div class="frame">\(picture.img)</div>
            <figcaption>\(picture.caption)</figcaption></figure>

            """
    }
}
