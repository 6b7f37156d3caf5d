/// What a trained model says about one slide.
public struct Prediction: Equatable, Sendable {
    public var slide: SlideID
    /// With the threshold in force, which comes from the validation part.
    public var answer: Answer
    /// What the numbers of the patches are.
    public var kind: MapKind
    /// Attention of every branch, or other rows that the model gives `[K, N]`; of kind `attention` each row sums to 1 over
    /// the slide's bag.
    public var branchAttention: [[Float]]
    /// Of the K rows, such as `branch_0` or `teacher`.
    public var rowNames: [String]
    /// Places in `branchAttention` of the rows that the model decides by, rising; nil in predictions that do not say it, which
    /// those of earlier versions are.
    public var mainRows: [Int]?
    /// The slide's one map `[N]`: the mean of the main rows.
    public var attention: [Float]
    /// Top-left corners in level-0 pixels, in row order.
    public var corners: [PixelPoint]

    /// - Parameter rowNames: nil: `branch_0` and so on.
    public init(
        slide: SlideID,
        answer: Answer,
        kind: MapKind = .attention,
        branchAttention: [[Float]],
        rowNames: [String]? = nil,
        mainRows: [Int]? = nil,
        attention: [Float],
        corners: [PixelPoint]
    ) {
        self.slide = slide
        self.answer = answer
        self.kind = kind
        self.branchAttention = branchAttention
        self.rowNames = rowNames ?? branchAttention.indices.map { "branch_\($0)" }
        self.mainRows = mainRows
        self.attention = attention
        self.corners = corners
    }
}
