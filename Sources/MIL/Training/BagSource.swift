public import Records
import Torch

/// Where bags come from; a source may be asked for the same slide again and again.
public protocol BagSource {
    /// The bag of one slide; it may have no row.
    func bag(_ slide: SlideID) throws -> Bag
}

extension Bag {
    /// Mean of every feature over the instances; empty for an empty bag.
    var meanFeatures: [Double] {
        guard count > 0 else { return [] }
        var sums = [Double](repeating: 0, count: width)
        for row in 0..<count {
            for column in 0..<width { sums[column] += Double(features[row * width + column]) }
        }
        return sums.map { $0 / Double(count) }
    }

    /// Checks what every model relies on: full rows of `width` finite numbers.
    func checked(width: Int?) throws -> Bag {
        guard count > 0 else { return self }
        if let width, width != self.width {
            throw MILError.bag(
                slide: unit,
                reason: "features are \(self.width) wide, \(width) are wanted; use the features of one encoder"
            )
        }
        if let bad = features.firstIndex(where: { !$0.isFinite }) {
            throw MILError.nonFinite(slide: unit, row: bad / self.width, column: bad % self.width)
        }
        return self
    }
}

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

extension TrainingConfig.DeviceChoice {
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
