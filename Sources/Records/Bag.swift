/// The rows of one slide inside a bag.
public struct BagPart: Equatable, Sendable {
    public var slide: SlideID
    /// Rows of the bag that belong to the slide.
    public var rows: Range<Int>
    /// Top-left corner of each row's patch in level-0 pixels; empty where the feature file has no coordinates.
    public var corners: [PixelPoint]

    public init(slide: SlideID, rows: Range<Int>, corners: [PixelPoint]) {
        self.slide = slide
        self.rows = rows
        self.corners = corners
    }
}

/// Features `[N, D]` of one unit (a slide, or a case of several slides), row-major, promoted to fp32.
public struct Bag: Equatable, Sendable {
    /// Slide id or case id.
    public var unit: String
    public var parts: [BagPart]
    /// D.
    public var width: Int
    /// N·D values, row-major.
    public var features: [Float]

    public init(unit: String, parts: [BagPart], width: Int, features: [Float]) {
        self.unit = unit
        self.parts = parts
        self.width = width
        self.features = features
    }

    /// N.
    public var count: Int { width == 0 ? 0 : features.count / width }
}
