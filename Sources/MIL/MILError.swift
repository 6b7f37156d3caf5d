public import Records
import Torch

/// What stops training, prediction or evaluation.
public enum MILError: ReportableError, Equatable {
    /// A bag's features are not what the model was made for.
    case bag(slide: String, reason: String)
    /// A feature that is no finite number.
    case nonFinite(slide: String, row: Int, column: Int)
    /// The model's answer is no finite number, though the features are.
    case overflow(slide: String)
    /// The loss stopped being a finite number.
    case diverged(fold: Int, epoch: Int, slide: String)
    /// A checkpoint that cannot be used.
    case checkpoint(path: String, reason: String)
    /// The weights are not those that the checkpoint's JSON describes.
    case weightsDigest(path: String)
    /// A cohort, split or option that nothing can be trained on or judged by.
    case unusable(subject: String, reason: String)

    public var code: ErrorCode {
        switch self {
        case .bag: .bag
        case .nonFinite, .overflow: .nonFinite
        case .diverged: .training
        case .checkpoint: .file
        case .weightsDigest: .digest
        case .unusable: .usage
        }
    }

    public var subject: String? {
        switch self {
        case .bag(let slide, _), .nonFinite(let slide, _, _), .overflow(let slide): slide
        case .diverged(let fold, _, _): "fold \(fold)"
        case .checkpoint(let path, _), .weightsDigest(let path): path
        case .unusable(let subject, _): subject
        }
    }

    public var message: String {
        switch self {
        case .bag(_, let reason): reason
        case .nonFinite(_, let row, let column):
            "feature \(column) of patch \(row) is not a finite number; make the slide's features again"
        case .overflow:
            "the model's answer is not a finite number: the slide's features are too large for it; make them again"
        case .diverged(_, let epoch, let slide):
            "the loss was not a finite number in epoch \(epoch) at slide \(slide); lower training.learning_rate, "
                + "or set training.standardise to always where features are large"
        case .checkpoint(_, let reason): "\(reason); train the fold again"
        case .weightsDigest: "the weights do not match checkpoint.json; train the fold again"
        case .unusable(_, let reason): reason
        }
    }
}

extension Failure {
    /// Like `init(_:subject:)`, for errors that may come from LibTorch.
    public init(computing error: any Error, subject: String? = nil) {
        if let error = error as? TorchError {
            guard !error.isOutOfMemory else {
                let wayOut = "use a machine with more memory, fewer --workers or slides with fewer patches"
                self.init(.io, subject, "\(error.description); \(wayOut)")
                return
            }
            self.init(.torch, subject, error.description)
        } else {
            self.init(error, subject: subject)
        }
    }
}

extension TorchError {
    /// That memory ran out is the machine's fault, whichever allocator says it.
    fileprivate var isOutOfMemory: Bool {
        message.contains(/can't allocate memory|[Nn]ot enough memory|out of memory|bad_alloc/)
    }
}
