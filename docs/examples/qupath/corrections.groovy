/* Writes what is marked in the open image as annotations that mitoloom reads: IMAGE.geojson in the folder `mitoloom` of the
 * project, or beside the image where no project is open. For QuPath 0.4 and later: Automate > Script editor > Run, or > Run
 * for project. docs/viewers.md has the steps.
 *
 * A mark is an annotation or a detection with one of the classes below, whatever its shape; of a set of points each is one.
 * The hotspot and the tissue are no marks. An image without marks is written, too: it was looked at and holds none.
 */
import com.google.gson.GsonBuilder
import qupath.lib.common.GeneralTools

// Classes in QuPath, and what they are in mitoloom. A detection that nobody called otherwise is a mitosis.
def meaning = [
    'Mitosis'        : 'Mitosis',
    'Mitosis: found' : 'Mitosis',
    'Mitosis: missed': 'Mitosis',
    'Mitosis: false' : 'Non mitosis',
    'Non mitosis'    : 'Non mitosis',
]
def outlines = ['Hotspot', 'Tissue']

def features = []
def others = [:].withDefault { 0 }
for (object in getAnnotationObjects() + getDetectionObjects()) {
    def name = object.getPathClass()?.toString() ?: ''
    if (outlines.contains(name)) continue
    if (!meaning.containsKey(name)) {
        others[name] += 1
        continue
    }
    def roi = object.getROI()
    def places = roi.isPoint() ? roi.getAllPoints().collect { [it.getX(), it.getY()] } : [[roi.getCentroidX(), roi.getCentroidY()]]
    for (place in places)
        features << [type      : 'Feature',
                     geometry  : [type: 'Point', coordinates: place],
                     properties: [objectType: 'annotation', classification: [name: meaning[name]]]]
}

def image = new File(getCurrentServer().getURIs().iterator().next().getPath())
def folder = new File(getProject() == null ? image.getParent() : buildFilePath(PROJECT_BASE_DIR), 'mitoloom')
folder.mkdirs()
def file = new File(folder, GeneralTools.stripExtension(image.getName()) + '.geojson')
file.setText(new GsonBuilder().setPrettyPrinting().create().toJson([type: 'FeatureCollection', features: features]), 'UTF-8')

def count = { name -> features.count { it.properties.classification.name == name } }
println "${file}: ${count('Mitosis')} mitoses, ${count('Non mitosis')} that are none"
others.each { name, number -> println "left out: ${number} " + (name ? "of class '${name}'" : 'without a class') }
