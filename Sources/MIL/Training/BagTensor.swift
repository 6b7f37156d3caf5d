import Config
import Evaluation
import Records
import Torch

extension Bag {
    /// Features `[N, D]` as a model takes them.
    func tensor(
        _ standardiser: Standardiser?,
        _ precision: TrainingConfig.Precision,
        on device: Device
    ) throws -> Tensor {
        let tensor = try Tensor(features, shape: [count, width], on: device)
        return try (standardiser?(tensor) ?? tensor).to(precision.dtype)
    }
}

extension TrainingConfig.Precision {
    var dtype: DType { self == .fp32 ? .float32 : .bfloat16 }

    /// Of one number.
    var bytes: Int { self == .fp32 ? 4 : 2 }
}

extension Device {
    init(_ device: ComputeDevice) {
        switch device {
        case .cpu: self = .cpu
        case .cuda(let index): self = .cuda(index)
        }
    }
}
