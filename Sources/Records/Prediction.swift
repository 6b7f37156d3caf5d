/// What a trained model says about one slide.
public struct Prediction: Equatable, Sendable {
    public var slide: SlideID
    /// One probability per class, summing to 1.
    public var probabilities: [Double]
    /// The threshold on the positive class's probability in force (two classes only), from the validation part.
    public var threshold: Double?
    /// Attention of every branch `[K, N]`, each row summing to 1 over the slide's bag.
    public var branchAttention: [[Float]]
    /// Attention `[N]`, the mean of the branches.
    public var attention: [Float]
    /// Top-left corners in level-0 pixels, in row order.
    public var corners: [PixelPoint]

    public init(
        slide: SlideID,
        probabilities: [Double],
        threshold: Double?,
        branchAttention: [[Float]],
        attention: [Float],
        corners: [PixelPoint]
    ) {
        self.slide = slide
        self.probabilities = probabilities
        self.threshold = threshold
        self.branchAttention = branchAttention
        self.attention = attention
        self.corners = corners
    }
}
