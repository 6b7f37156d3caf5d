import Config
import Records
import Storage
import Torch

/// Bags as standardised tensors on the device of the model, in the precision that its products are to have.
///
/// As many stay as fit into their part of the memory; the others are read again in every epoch, ahead of their steps.
final class DeviceBags {
    private let source: BagsAhead
    private let standardiser: Standardiser?
    private let device: Device
    private let precision: TrainingConfig.Precision
    private var kept: [SlideID: Tensor] = [:]
    private var left: Int

    /// Bytes. More than a few bags ahead make no step quicker.
    private static let mostAhead = 1 << 30

    /// - Parameter memory: bytes for features, of which up to a half is for those that are read ahead.
    init(
        _ source: any BagSource,
        standardiser: Standardiser?,
        precision: TrainingConfig.Precision = .fp32,
        on device: Device,
        memory: Int = 4 << 30
    ) {
        let ahead = min(memory / 2, Self.mostAhead)
        self.source = BagsAhead(source, memory: ahead)
        self.precision = precision
        self.standardiser = standardiser
        self.device = device
        left = memory - ahead
    }

    /// Tells which slides will be asked for next, in that order.
    func expect(_ slides: [SlideID]) { source.expect(slides.filter { kept[$0] == nil }) }

    /// Features `[N, D]` of a slide.
    func features(_ slide: SlideID) throws -> Tensor {
        if let tensor = kept[slide] { return tensor }
        let tensor = try source.bag(slide).tensor(standardiser, precision, on: device)
        let size = tensor.count * precision.bytes
        if size <= left {
            left -= size
            kept[slide] = tensor
        }
        return tensor
    }
}
