import Config
import Files
import Records
import Storage

/// The sections of a config, an outcome and the JSON of an encoder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    FuzzInput.file("c.json", bytes, count) { url in
        _ = try? CanonicalJSON.read(TilingConfig.self, from: url)
        _ = try? CanonicalJSON.read(TrainingConfig.self, from: url)
        _ = try? CanonicalJSON.read(ModelConfig.self, from: url)
        _ = try? CanonicalJSON.read(EvaluationConfig.self, from: url)
        _ = try? Outcome.read(url)
        _ = try EncoderManifest(contentsOf: url)
    }
    return 0
}
