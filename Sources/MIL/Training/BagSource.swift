import Config
import Evaluation
import Records
import Storage
import Torch

/// Bags as standardised tensors on the device of the model, in the precision that its products are to have; keeps them as
/// long as they fit a budget.
final class DeviceBags {
    private let source: any BagSource
    private let standardiser: Standardiser?
    private let device: Device
    private let precision: TrainingConfig.Precision
    private var kept: [SlideID: Tensor] = [:]
    private var left: Int

    /// - Parameter budget: bytes of features to keep; the rest is read again in every epoch.
    init(
        _ source: any BagSource,
        standardiser: Standardiser?,
        precision: TrainingConfig.Precision = .fp32,
        on device: Device,
        budget: Int = 4 << 30
    ) {
        self.source = source
        self.precision = precision
        self.standardiser = standardiser
        self.device = device
        left = budget
    }

    /// Features `[N, D]` of a slide.
    func features(_ slide: SlideID) throws -> Tensor {
        if let tensor = kept[slide] { return tensor }
        let bag = try source.bag(slide)
        let tensor = try bag.tensor(standardiser, precision, on: device)
        let size = tensor.count * precision.bytes
        if size <= left {
            left -= size
            kept[slide] = tensor
        }
        return tensor
    }
}

extension Bag {
    /// Features `[N, D]` as a model takes them.
    func tensor(
        _ standardiser: Standardiser?,
        _ precision: TrainingConfig.Precision,
        on device: Device
    ) throws -> Tensor {
        let tensor = try Tensor(features, shape: [count, width], on: device)
        return try (standardiser?(tensor) ?? tensor).to(precision == .fp32 ? .float32 : .bfloat16)
    }
}

extension TrainingConfig.Precision {
    /// Of one number.
    var bytes: Int { self == .fp32 ? 4 : 2 }
}

extension DeviceChoice {
    /// - Throws: `MILError.unusable` where CUDA is asked for and LibTorch has none.
    func device() throws -> Device {
        switch self {
        case .cpu: return .cpu
        case .auto: return try LibTorch.cudaIsAvailable ? .cuda(0) : .cpu
        case .cuda:
            guard try LibTorch.cudaIsAvailable else {
                throw MILError.unusable(
                    subject: "device",
                    reason: "LibTorch finds no CUDA device; use cpu, or point LIBTORCH to a CUDA build"
                )
            }
            return .cuda(0)
        }
    }
}
