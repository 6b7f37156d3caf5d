import Config
import Messages
import Storage
import Torch

/// The bags of a fold on its device, shared by all candidates that want them alike.
final class FoldBags {
    /// What makes the tensors of two configs differ.
    private struct Kind: Hashable {
        var standardises: Bool
        var precision: TrainingConfig.Precision

        init(_ variant: FoldVariant) {
            (standardises, precision) = (variant.standardises, variant.request.training.precision)
        }
    }

    let device: Device
    private let source: any BagSource
    /// Bytes for each kind. What a driver calls free is asked once: what earlier candidates have used of it lies in a cache.
    private let memory: Int
    private var known: [Kind: DeviceBags] = [:]

    /// - Parameter variants: the configs that the fold is trained with.
    init(_ source: any BagSource, for variants: [FoldVariant], _ request: TrainRequest, on device: Device) {
        (self.source, self.device) = (source, device)
        let whole = DeviceMemory.forBags(request.memory, on: device, folds: request.foldsPerDevice)
        memory = whole / max(1, Set(variants.map(Kind.init)).count)
    }

    /// - Parameter standardiser: of the fold's training part; nil where features stay as they are.
    func bags(for variant: FoldVariant, _ standardiser: Standardiser?) -> DeviceBags {
        let kind = Kind(variant)
        if let bags = known[kind] { return bags }
        let bags = DeviceBags(
            source,
            standardiser: standardiser,
            precision: kind.precision,
            on: device,
            memory: memory
        )
        known[kind] = bags
        return bags
    }
}
