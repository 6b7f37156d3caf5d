public import Records

/// What stops training, prediction or evaluation.
public enum MILError: ReportableError, Equatable {
    /// The model's answer is no finite number, though the features are.
    case overflow(slide: String)
    /// The loss stopped being a finite number; nil: not at a slide that is trained on, but in what an epoch has told.
    case diverged(fold: Int, epoch: Int, slide: String?)
    /// A checkpoint that cannot be used.
    case checkpoint(path: String, reason: String)
    /// The weights are not those that the checkpoint's JSON describes.
    case weightsDigest(path: String)
    /// A cohort, split or option that nothing can be trained on or judged by.
    case unusable(subject: String, reason: String)
    /// A fold of whose parts nothing can be learned, or no epoch be chosen.
    case untrainable(reason: String)

    public var code: ErrorCode {
        switch self {
        case .overflow: .nonFinite
        case .diverged, .untrainable: .training
        case .checkpoint: .file
        case .weightsDigest: .digest
        case .unusable: .usage
        }
    }

    public var subject: String? {
        switch self {
        case .overflow(let slide): slide
        case .diverged(let fold, _, _): "fold \(fold)"
        case .checkpoint(let path, _), .weightsDigest(let path): path
        case .unusable(let subject, _): subject
        case .untrainable: nil
        }
    }

    public var message: String {
        switch self {
        case .overflow:
            "the model's answer is not a finite number: the slide's features are too large for it; make them again"
        case .diverged(_, let epoch, let slide):
            "the loss was not a finite number in epoch \(epoch) \(slide.map { "at slide \($0)" } ?? "as a whole"); "
                + "lower training.learning_rate, or set training.standardise to always where features are large"
        case .checkpoint(_, let reason): "\(reason); train the fold again"
        case .weightsDigest: "the weights do not match checkpoint.json; train the fold again"
        case .unusable(_, let reason), .untrainable(let reason): reason
        }
    }
}
