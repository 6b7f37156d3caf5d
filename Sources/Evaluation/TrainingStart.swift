/// What came of one of the first weights that a fold was trained from (`training.starts`).
public struct TrainingStart: Codable, Equatable, Sendable {
    /// On the validation part, at the epoch that was kept.
    public var loss: Double
    /// What the mean of the model's answers would lose, given to every slide of the validation part. Losses are convex in the model's
    /// numbers, so that no model that tells slides apart by chance alone is better.
    public var loneAnswer: Double
    /// The epoch that was kept, counted from 0.
    public var epoch: Int
    public var isKept = false

    public init(loss: Double, loneAnswer: Double, epoch: Int) {
        (self.loss, self.loneAnswer, self.epoch) = (loss, loneAnswer, epoch)
    }

    enum CodingKeys: String, CodingKey {
        case loss, epoch
        case loneAnswer = "loss_of_one_answer"
        case isKept = "kept"
    }

    /// Whether enough is gained over one answer for all, so that no other start is tried. An overconfident model has not gained it, however
    /// well it orders slides.
    public var hasFound: Bool { loss <= 0.9 * loneAnswer }

    /// The seed of a start: the training's own for the first one, then far away from those of other trainings.
    public static func seed(_ start: Int, of seed: UInt64) -> UInt64 {
        seed &+ UInt64(start) &* 0x9E37_79B9_7F4A_7C15
    }
}
