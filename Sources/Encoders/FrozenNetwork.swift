import Config
import Files
import Foundation
import Records
import Storage
import Torch

/// A network whose weights no longer change.
protocol FrozenNetwork {
    /// - Parameter images: normalised fp32 [B, 3, input, input].
    /// - Returns: features [B, dim], of any type.
    func forward(_ images: Tensor) throws(TorchError) -> Tensor
}

extension ScriptModule: FrozenNetwork {}

extension EncoderManifest {
    /// Loads the weights, if their bytes have the manifest's digest and, for TorchScript, the user trusts it.
    /// - Throws: `EncoderError`, `StorageError`.
    func network(trustedBy store: TrustStore, precision: Precision, on device: Device) throws -> any FrozenNetwork {
        do {
            guard let architecture else { return try script(trustedBy: store, precision: precision, on: device) }
            try checkDigest(Digest.sha256(fileAt: weightsURL))
            let file = try SafeTensors(contentsOf: weightsURL)
            let dtype = precision == .bf16 ? DType.bfloat16 : .float32
            var weights = NamedWeights(file, path: weightsURL.path, dtype: dtype, on: device)
            let network: any FrozenNetwork =
                switch architecture {
                case .vit(let architecture): try VisionTransformer(architecture, input: input, &weights)
                case .resnet(let architecture): try ResNet(architecture, &weights)
                case .swin(let architecture): try SwinTransformer(architecture, input: input, &weights)
                case .convnext(let architecture): try ConvNeXt(architecture, &weights)
                case .mobilenet(let architecture): try MobileNet(architecture, &weights)
                }
            try weights.finish()
            return network
        } catch let error as TorchError {
            // Of a file on the CPU no word of a GPU is said.
            if let failure = Failure(ofDevice: "\(device)", oneLine(error.message)) { throw failure }
            throw EncoderError.unsuitable(
                path: weightsURL.path,
                reason: "LibTorch \(LibTorch.version): \(oneLine(error.message))"
            )
        }
    }

    private func script(trustedBy store: TrustStore, precision: Precision, on device: Device) throws -> ScriptModule {
        let path = weightsURL.path
        // Read, not mapped, and read once: the bytes that are hashed are the bytes that run.
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw StorageError.system(path: path, call: "open", errno: ENOENT)
        }
        if let refusal = WeightsKind(bytes).refusal { throw EncoderError.unsuitable(path: path, reason: refusal) }
        let digest = Digest.sha256(bytes)
        try checkDigest(digest)
        guard try store.isTrusted(digest) else { throw EncoderError.untrusted(path: path, digest: digest) }
        let module = try bytes.withUnsafeBytes { try ScriptModule(bytes: $0, on: device, autocast: precision == .bf16) }
        guard try module.isConstant else {
            throw EncoderError.unsuitable(
                path: path,
                reason:
                    "the model's forward depends on state that it keeps, so that patches would not be independent; "
                    + "export it in evaluation mode with torch.jit.trace"
            )
        }
        return module
    }

    private func checkDigest(_ found: String) throws {
        guard found == sha256 else {
            throw EncoderError.digest(path: weightsURL.path, found: found, wanted: sha256)
        }
    }
}
